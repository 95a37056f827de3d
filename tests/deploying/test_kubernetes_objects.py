from __future__ import annotations

from ci_steps.deploying.kubernetes_objects import selector_of


def test_a_selector_is_written_with_all_that_it_asks_of_a_pod() -> None:
    tier = {"key": "tier", "operator": "In", "values": ["front", "back"]}
    slot = {"key": "slot", "operator": "NotIn", "values": ["2"]}
    named = [{"key": "old", "operator": "DoesNotExist"}, {"key": "team", "operator": "Exists"}]
    selector = {"matchLabels": {"app": "auth"}, "matchExpressions": [tier, slot, *named]}
    assert selector_of(selector) == "app=auth,tier in (front,back),slot notin (2),!old,team"
    assert selector_of({"matchLabels": {"b": "1", "a": "2"}}) == "a=2,b=1"
