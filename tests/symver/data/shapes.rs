#![no_std]
#![allow(dead_code)]

pub mod geometry {
    pub struct Point<T> {
        pub x: T,
        pub y: T,
    }
    pub enum Shape {
        Circle(Point<i32>),
        #[cfg(not(changed))]
        Square { side: u64 },
        #[cfg(changed)]
        Square { side: u64, turned: bool },
        Nothing,
    }
    pub trait Draw {
        fn draw(&self, scale: u32) -> bool;
    }
}

use core::num::NonZeroU32;
use geometry::{Draw, Point, Shape};

#[repr(C)]
#[derive(Clone, Copy)]
pub union Word {
    pub whole: u32,
    pub bytes: [u8; 4],
}

#[no_mangle]
pub static ORIGIN: Point<u16> = Point { x: 0, y: 0 };

#[no_mangle]
pub fn area(shape: &Shape, word: Word) -> Option<NonZeroU32> {
    match shape {
        Shape::Nothing => None,
        _ => NonZeroU32::new(unsafe { word.whole }),
    }
}

#[no_mangle]
pub fn draw(what: &dyn Draw, points: &[Point<i32>], name: (&str, char)) -> bool {
    what.draw(points.len() as u32) && name.1 == 'x'
}

#[no_mangle]
pub extern "C" fn call(callback: Option<extern "C" fn(*mut Word) -> u8>) -> u8 {
    callback.map_or(0, |f| f(core::ptr::null_mut()))
}
