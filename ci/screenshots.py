"""The pictures in docs/images, of what kabicheck says of the demo's commits: `python ci/screenshots.py [FOLDER]`.

Needs Debian's chromium, chromium-driver and fonts-dejavu-core, besides what the demo and the tests need.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import DIMMED_MONOKAI
from rich.text import Text

from kabicheck.demo.repository import write_repository

ROOT = Path(__file__).parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from tests.report.browser import Browser, chromium  # noqa: E402  (found by then)

IMAGES = ROOT / "docs" / "images"
WIDTH = 1180  # pixels
TERMINAL = """<!DOCTYPE html>
<meta charset="utf-8"><style>{stylesheet}
body {{ background: {background}; color: {foreground}; margin: 0; padding: 16px; }}
pre {{ font: 14px/20px "DejaVu Sans Mono", monospace; margin: 0; }}
</style><pre>{code}</pre>
"""


def main(images: Path) -> None:
    """Check the demo's commits, and show the text and the page of that."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        demo = write_repository(folder / "linux")
        environment = {**os.environ, "KABICHECK_CACHE": str(folder / "cache")}
        command = ["kabicheck", "check", "--base", demo.base[:12]]

        def run(*options: str) -> str:
            done = subprocess.run(
                [sys.executable, "-m", *command, *options],
                cwd=demo.path,
                env=environment,
                stdout=subprocess.PIPE,
                text=True,
                check=False,
            )
            if done.returncode != 1:
                sys.exit(f"the check ended with status {done.returncode} instead of findings")
            return done.stdout

        text = run("--color", "always")
        page = folder / "report.html"
        run("-o", f"html:{page}")
        shown = Text.assemble(("$ ", "green"), " ".join(command), "\n\n", Text.from_ansi(text))
        terminal = folder / "terminal.html"
        terminal.write_text(_terminal(shown))
        images.mkdir(parents=True, exist_ok=True)
        with chromium(folder / "profile") as browser:
            browser.open(page.as_uri())
            browser.run("document.querySelector('#results details').open = true")
            _photograph(browser, images / "report-light.png")
            browser.prefer("dark")
            _photograph(browser, images / "report-dark.png")
            browser.open(terminal.as_uri())
            _photograph(browser, images / "terminal.png")


def _photograph(browser: Browser, image: Path) -> None:
    """All of the page, in a window of that size."""
    height = "document.documentElement.getBoundingClientRect().height"
    browser.resize(WIDTH, int(browser.run(f"return Math.ceil({height}) + outerHeight - innerHeight")))
    browser.screenshot(image)


def _terminal(text: Text) -> str:
    with Path(os.devnull).open("w") as nowhere:
        console = Console(file=nowhere, record=True, width=1000)
        console.print(text, soft_wrap=True)
        return console.export_html(theme=DIMMED_MONOKAI, code_format=TERMINAL)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES)
