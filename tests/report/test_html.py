"""The HTML report: one file that is what it should be, and what a real browser makes of it."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest

from kabicheck.model import Attribution
from kabicheck.report.html import emit
from kabicheck.report.results import results
from kabicheck.report.words import verdict
from tests.report.browser import Browser, chromium
from tests.report.checks.html import checked
from tests.report.hostile import NAMES, large
from tests.report.reports import EMPTY
from tests.report.reviewed import reviewed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kabicheck.model import Report


def test_one_of_everything() -> None:
    data = checked(reviewed())
    assert [commit["short"] for commit in data["commits"]] == ["a" * 7, "b" * 7]
    names = {data["exports"][n]["name"] for result in data["results"] for n in result["exports"]}
    assert names == {change.name for change in reviewed().comparison.changes}


def test_nothing_changed() -> None:
    assert checked(EMPTY) == {"commits": [], "results": [], "exports": []}


def test_nothing_is_asked_of_a_network() -> None:
    assert not re.search(r"(?:https?:)?//[a-z]", emit(EMPTY).replace("http://www.w3.org/2000/svg", ""))


def test_all_commits_of_the_range_are_known_in_their_order() -> None:
    whole = reviewed()
    commits = tuple(
        c for cause in whole.comparison.causes.values() for u in cause.culprits for c in u.commits
    )
    of = replace(whole, attribution=Attribution("verify", (commits[1], commits[0])))
    assert [commit["short"] for commit in checked(of)["commits"]] == ["b" * 7, "a" * 7]


@pytest.mark.parametrize("name", NAMES)
def test_hostile_names(name: str) -> None:
    checked(reviewed(name=name, text=name))


# --- in a browser ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with chromium(tmp_path_factory.mktemp("profile")) as started:
        yield started


def opened(browser: Browser, of: Report, folder: Path) -> None:
    """Open a report; the console has nothing to say of it."""
    file = folder / "report.html"
    file.write_text(emit(of))
    browser.open(file.as_uri())
    assert browser.complaints() == []


def titles(browser: Browser) -> list[str]:
    """Of the results, each behind its severity."""
    return [text.partition(":")[0].partition(" ")[2] for text in browser.texts("#results summary")]


def test_search_and_filters(browser: Browser, tmp_path: Path) -> None:
    of = reviewed()
    opened(browser, of, tmp_path)
    assert len(browser.texts("#results > details")) == len(results(of))
    assert browser.texts("h1") == [verdict(of)]
    browser.type("#search", "waived")
    assert titles(browser) == ["struct waived"]
    assert browser.texts("#exports tbody th") == ["waived"]
    assert browser.texts("#count")[0].startswith("1 of 11 results, 1 of 12 exports")
    browser.run("search.value = ''; severity.value = 'harmless'; severity.dispatchEvent(new Event('input'))")
    assert browser.texts("#exports tbody th") == ["fresh"]
    browser.run("severity.value = ''; commit.value = '0'; commit.dispatchEvent(new Event('input'))")
    assert sorted(browser.texts("#exports tbody th")) == ["async_schedule", "fourth", "second", "third"]
    assert browser.complaints() == []


def test_a_cause_has_its_diff_its_exports_and_the_way_to_it(browser: Browser, tmp_path: Path) -> None:
    opened(browser, reviewed(), tmp_path)
    opened_body = "document.querySelector('#results details:nth-child({}) > div')"
    browser.click("#results details:nth-child(2) summary")
    browser.until(opened_body.format(2))
    assert browser.texts("#results pre .old") == ["- unsigned int registered : 1;"]
    assert len(browser.texts("#results details[open] tbody tr")) == 4
    assert browser.run("return document.querySelector('#results svg').getAttribute('aria-label')") == (
        "The way to the cause: async_schedule(), then struct async_schedule"
    )
    browser.click("#results details:nth-child(8) summary")
    browser.until(opened_body.format(8))
    assert "bbbbbbb (verified)" in browser.texts("#results pre .old")[-1]
    assert browser.complaints() == []


def test_links_open_what_they_lead_to(browser: Browser, tmp_path: Path) -> None:
    opened(browser, reviewed(), tmp_path)
    browser.click("#map thead a")
    browser.until("document.querySelector('#results details[open]')")
    assert len(browser.texts("#results details[open]")) == 1
    focused = browser.run("return document.activeElement.innerText")
    assert "struct async_schedule" in focused
    first = results(reviewed())[1].fingerprint
    assert browser.run("return location.hash") == f"#{first}"
    assert browser.complaints() == []


def test_the_map_says_who_is_sure(browser: Browser, tmp_path: Path) -> None:
    opened(browser, reviewed(), tmp_path)
    rows = browser.texts("#map tbody tr")
    assert [row.split()[0] for row in rows] == ["a" * 7, "b" * 7]
    assert [(row.count("●"), row.count("○")) for row in rows] == [(0, 1), (2, 1)]


@pytest.mark.parametrize("name", [name for name in NAMES if name])
def test_hostile_names_in_a_browser(browser: Browser, tmp_path: Path, name: str) -> None:
    opened(browser, reviewed(name=name, text=name), tmp_path)
    browser.run("for (const each of document.querySelectorAll('details')) each.open = true")
    browser.until(
        "[...document.querySelectorAll('#results > details')].every(each => each.children.length === 2)"
    )
    foreign = (
        "return document.querySelectorAll('main :is(script, img, iframe, a[href^=\"javascript\"])').length"
    )
    assert browser.run(foreign) == 0
    assert browser.complaints() == []


def test_ten_thousand_exports(browser: Browser, tmp_path: Path) -> None:
    of = large()
    opened(browser, of, tmp_path)
    assert len(browser.texts("#results > details")) == 200
    browser.click("#results-more")
    assert len(browser.texts("#results > details")) == 400
    browser.type("#search", "symbol9999")
    assert browser.texts("#exports tbody th") == ["symbol9999"]
    assert browser.complaints() == []


def test_the_map_shows_more_where_there_is_more(browser: Browser, tmp_path: Path) -> None:
    opened(browser, large(), tmp_path)
    (caption,) = browser.texts("#map caption")
    assert caption.endswith("the first 40 of 3,000 results that have a commit")
    browser.click("#map .more")
    assert len(browser.texts("#map thead a")) == 80
    assert browser.run("return document.activeElement.innerText") == browser.texts("#map thead a")[40]
    browser.run("search.value = 'symbol9999'; search.dispatchEvent(new Event('input'))")
    assert len(browser.texts("#map thead a")) == 1
    assert browser.texts("#map .more") == []
    assert browser.complaints() == []


def test_nothing_found_is_said_and_cleared(browser: Browser, tmp_path: Path) -> None:
    opened(browser, reviewed(), tmp_path)
    browser.type("#search", "nowhere")
    assert browser.texts("#results") == ["No result matches."]
    browser.click("button[type=reset]")
    browser.until("document.querySelector('#results > details')")
    assert browser.texts("#count")[0].startswith("11 of 11 results")
    opened(browser, EMPTY, tmp_path)
    assert browser.texts("#results") == ["Nothing changed."]


def background(browser: Browser) -> str:
    return str(browser.run("return getComputedStyle(document.body).backgroundColor"))


def test_light_and_dark_as_the_system_has_it_or_as_chosen(browser: Browser, tmp_path: Path) -> None:
    opened(browser, reviewed(), tmp_path)
    light, dark = "rgb(255, 255, 255)", "rgb(13, 17, 23)"
    choose = "theme.value = arguments[0]; theme.dispatchEvent(new Event('input'))"
    for system, seen in (("light", light), ("dark", dark)):
        browser.prefer(system)
        browser.run(choose, "light dark")
        assert background(browser) == seen
        browser.run(choose, "dark")
        assert background(browser) == dark
        browser.run(choose, "light")
        assert background(browser) == light
    browser.prefer("light")
    assert browser.complaints() == []


def test_paper_has_everything_open(browser: Browser, tmp_path: Path) -> None:
    opened(browser, reviewed(), tmp_path)
    browser.click("#results details:nth-child(2) summary")
    count = "document.querySelectorAll('#results details[open] > div').length"
    browser.until(f"{count} === 1")
    browser.run(f"addEventListener('beforeprint', () => {{ window.printed = {count}; }})")
    assert browser.printed().startswith(b"%PDF-")
    assert browser.run("return window.printed") == len(results(reviewed()))
    assert browser.run(f"return {count}") == 1
    assert browser.complaints() == []


TAB, ENTER = "\ue004", "\ue007"


def test_the_keyboard_reaches_everything_and_shows_where_it_is(browser: Browser, tmp_path: Path) -> None:
    opened(browser, reviewed(), tmp_path)
    order = []
    for _ in range(10):
        browser.press(TAB)
        order.append(browser.run("return document.activeElement.id || document.activeElement.localName"))
        assert browser.run("return getComputedStyle(document.activeElement).outlineStyle") == "solid"
    assert order == [
        "a",
        "theme",
        "ul",
        "search",
        "module",
        "severity",
        "commit",
        "counting",
        "button",
        "summary",
    ]
    browser.press(ENTER)
    browser.until("document.querySelector('#results details[open] > div')")
    browser.press(TAB)
    assert browser.run("return document.activeElement.getAttribute('aria-label')").startswith(
        "Exports that unknown"
    )
    opened(browser, reviewed(), tmp_path)
    browser.press(TAB, ENTER)
    assert browser.run("return document.activeElement.id") == "results"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("of", [EMPTY, reviewed()], ids=["empty", "reviewed"])
def test_what_axe_knows_of_accessibility(browser: Browser, tmp_path: Path, of: Report, scheme: str) -> None:
    """Names, roles, contrast, the order of headings and the like: https://github.com/dequelabs/axe-core."""
    browser.prefer(scheme)
    opened(browser, of, tmp_path)
    browser.run("for (const each of document.querySelectorAll('details')) each.open = true")
    browser.until("[...document.querySelectorAll('details')].every(each => each.children.length === 2)")
    browser.run((files("axe_core_python") / "axe.min.js").read_text())
    browser.run("axe.run().then(found => { window.found = found; }, error => { window.found = { error }; })")
    browser.until("window.found")
    assert browser.run("return found.passes.length") > 15
    told = "each => `${each.id}: ${each.nodes.map(node => node.html)}`"
    assert browser.run(f"return found.violations.map({told})") == []
    browser.prefer("light")
