"""GitLab's template, and what reads it."""

from __future__ import annotations

import yaml

from tests.ci.runner import ROOT

TEMPLATE = ROOT / "ci/gitlab/kabicheck.gitlab-ci.yml"


class Loader(yaml.SafeLoader):
    """With GitLab's `!reference`, as the list that follows it."""


def _reference(loader: Loader, node: yaml.SequenceNode) -> tuple[str, ...]:
    return tuple(loader.construct_sequence(node))


Loader.add_constructor("!reference", _reference)
