#![allow(dead_code, improper_ctypes_definitions)]
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::{Arc, Mutex};
pub mod outer {
    pub mod inner {
        pub struct Point<T> {
            pub x: T,
            pub y: T,
        }
        pub enum Shape {
            Circle(Point<i32>),
            Square { side: u64, at: Point<f64> },
            Nothing,
        }
        pub enum Node<T> {
            Leaf,
            Branch(Box<Node<T>>, T, Box<Node<T>>),
        }
        pub trait Draw {
            fn draw(&self, n: u32) -> Option<&str>;
            fn more(&mut self) {}
        }
        impl Draw for Shape {
            fn draw(&self, _n: u32) -> Option<&str> {
                None
            }
        }
    }
}
use outer::inner::*;
#[repr(C)]
pub struct Raw {
    pub a: u8,
    pub b: [u32; 4],
    pub c: Bits,
}
#[repr(C)]
#[derive(Clone, Copy)]
pub union Bits {
    pub f: f32,
    pub u: u32,
    pub b: [u8; 4],
}
#[repr(C)]
pub enum CEnum {
    A = -1,
    B = 7,
}
#[repr(u8)]
pub enum Small {
    A(u8),
    B { x: u16 },
    C = 200,
}
#[repr(u64)]
pub enum Wide {
    Z = 0xffff_ffff_ffff_fff0,
    O = 1,
}
#[repr(i128)]
pub enum Huge {
    Z = -5,
    O = 1,
}
pub struct Tup(pub u8, pub (u32, char, bool));
pub struct Unit;
pub enum Never {}
#[repr(transparent)]
pub struct Wrap<'a, const N: usize>(&'a [u8; N]);
pub type Callback = extern "C" fn(*mut Raw, &Shape) -> Option<core::num::NonZeroU32>;
pub struct Self_ {
    next: Option<Box<Self_>>,
    arc: Arc<Mutex<Vec<Self_>>>,
    cb: Option<Callback>,
}
#[no_mangle]
pub static GLOBAL: Point<u16> = Point { x: 1, y: 2 };
#[no_mangle]
pub static mut TABLE: [Option<&'static str>; 3] = [None; 3];
#[no_mangle]
pub static NAME: &str = "x";
#[no_mangle]
pub extern "C" fn c_fn(r: *mut Raw, e: CEnum, b: Bits) -> *const u8 {
    let _ = (e, unsafe { b.u });
    unsafe { &(*r).a }
}
#[no_mangle]
pub fn shapes(s: &Shape, o: Option<Box<Shape>>, n: &mut Node<u8>) -> Result<Shape, String> {
    let _ = (s, o, n);
    Err(String::new())
}
#[no_mangle]
pub fn dynamic(
    d: &dyn Draw,
    f: Box<dyn FnMut(&Shape) -> u32 + Send>,
    sl: &[Point<i32>],
    st: &str,
) -> usize {
    let _ = (d, f);
    sl.len() + st.len()
}
#[no_mangle]
pub fn maps(m: &HashMap<String, Vec<Rc<RefCell<Shape>>>>, b: BTreeMap<u8, Self_>) -> usize {
    m.len() + b.len()
}
#[no_mangle]
pub fn odd(
    t: Tup,
    u: Unit,
    w: Wrap<'_, 3>,
    s: Small,
    wi: Wide,
    o: Ordering,
    c: Callback,
) -> (u8, Option<Never>) {
    let _ = (u, w, s, wi, o, c);
    (t.0, None)
}
use std::cmp::Ordering;
#[no_mangle]
pub fn nest(
    o: Option<Option<Option<bool>>>,
    p: Option<&Shape>,
    r: Result<u32, Option<std::num::NonZeroU8>>,
    q: Option<Ordering>,
    h: Huge,
) -> u128 {
    let _ = (o, p, r, q, h);
    0
}
#[no_mangle]
pub fn fut() -> impl std::future::Future<Output = u32> {
    async {
        let x = String::new();
        helper().await;
        x.len() as u32
    }
}
pub async fn helper() {}
#[no_mangle]
pub fn clos() -> impl Fn(u32) -> u32 {
    let v = vec![1u8];
    let s = Shape::Nothing;
    move |x| {
        let _ = &s;
        x + v.len() as u32
    }
}
#[no_mangle]
pub unsafe extern "C" fn variadic(
    f: unsafe extern "C" fn(u32, ...) -> i32,
    v: *const core::ffi::c_void,
) -> ! {
    let _ = (f, v);
    loop {}
}
pub fn mangled(s: &Shape, v: Vec<Small>) -> Small {
    let _ = (s, v);
    Small::C
}
pub fn r#type(r#struct: u8) -> u8 {
    r#struct
}
