"""What Backstage files mean, and what is said of those that mean nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ci_steps.model import Contact, Owner, Service
from tests.catalog.claims import backstage, changes, component, group, lines, refused

if TYPE_CHECKING:
    from ci_steps.dictionary.store import Dictionary

# As in the documentation of the format.
PUBLISHED = """
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: artist-web
  description: The place to be, for great artists
  annotations:
    backstage.io/source-location: url:https://git.shop.example/artist-web
    circleci.com/project-slug: github/example-org/artist-website
  tags: [java]
  links: [{url: "https://admin.shop.example", title: Admin Dashboard, icon: dashboard}]
spec:
  type: website
  lifecycle: production
  owner: artist-relations-team
  system: public-websites
  dependsOn: [resource:default/artists-db]
  providesApis: [artist-api]
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata: {name: artist-api}
spec: {type: openapi, lifecycle: production, owner: artist-relations-team, definition: "{}"}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata:
  name: artist-relations-team
  annotations: {ci-steps.io/slack-channel: "#artists"}
spec:
  type: team
  profile: {displayName: Artist relations, email: artists@shop.example}
  children: []
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: artists-lead}
spec: {profile: {displayName: Lead of artists}, memberOf: [artist-relations-team]}
---
apiVersion: backstage.io/v1alpha1
kind: System
metadata: {name: public-websites}
spec: {owner: artist-relations-team}
"""


def test_the_published_examples_are_read(dictionary: Dictionary) -> None:
    imported = backstage(dictionary, PUBLISHED)
    assert dictionary.services() == (
        Service("artist-web", "artist-relations-team", "https://git.shop.example/artist-web"),
    )
    contacts = (Contact("email", "artists@shop.example"), Contact("slack", "#artists"))
    assert dictionary.owners() == (
        Owner("artist-relations-team", "Artist relations", contacts, members=("artists-lead",)),
        Owner("artists-lead", "Lead of artists", is_person=True),
    )
    assert lines(imported.notes) == ["a.yaml:41: kind: System is ignored"]
    assert imported.unreachable == ()


def test_the_same_again_changes_nothing(dictionary: Dictionary) -> None:
    assert changes(backstage(dictionary, PUBLISHED)) == {"owners": (2, 0), "services": (1, 0)}
    assert changes(backstage(dictionary, PUBLISHED, hours=2)) == {}


def test_a_dry_run_says_the_same_and_changes_nothing(dictionary: Dictionary) -> None:
    rehearsed = backstage(dictionary, PUBLISHED, dry_run=True)
    assert dictionary.owners() == ()
    assert dictionary.services() == ()
    assert backstage(dictionary, PUBLISHED) == rehearsed


def test_the_list_that_the_api_of_backstage_answers_is_read(dictionary: Dictionary) -> None:
    backstage(
        dictionary,
        '[{"apiVersion": "backstage.io/v1alpha1", "kind": "Component",'
        ' "metadata": {"name": "auth"}, "spec": {"owner": "group:auth-team"}, "relations": []}]',
    )
    assert dictionary.services() == (Service("auth", "auth-team"),)


@pytest.mark.parametrize(
    ("name", "service"),
    [("Auth", "auth"), ("auth_api", "auth-api"), ("auth.api", "auth-api"), ("auth-2", "auth-2")],
)
def test_a_name_of_backstage_becomes_ours(dictionary: Dictionary, name: str, service: str) -> None:
    backstage(dictionary, component(name))
    assert [one.name for one in dictionary.services()] == [service]


def test_a_name_that_cannot_be_ours_is_given_by_an_annotation(dictionary: Dictionary) -> None:
    (said,) = refused(dictionary, component("2fa"))
    assert said.startswith("a.yaml:5: metadata.name: '2fa' is not a service name: '2fa' begins")
    assert said.endswith("Or say what it is called here in ci-steps.io/service.")
    backstage(dictionary, component("2fa", "service: two-factor"))
    assert dictionary.services() == (Service("two-factor"),)


def test_references_do_not_depend_on_capitals_and_namespaces_tell_owners_apart(
    dictionary: Dictionary,
) -> None:
    backstage(
        dictionary,
        component("auth", spec="owner: Group:Default/AUTH-Team"),
        component("gis", spec="owner: {kind: Group, name: auth-team, namespace: other}"),
        group("Auth-Team")
        + group("auth-team", "", "owner: other-team").replace(
            "name: ", "namespace: other\n  name: "
        ),
    )
    assert {one.name: one.owner for one in dictionary.services()} == {
        "auth": "auth-team",
        "gis": "other-team",
    }


def test_a_library_is_no_service(dictionary: Dictionary) -> None:
    text = component("parser").replace("type: service", "type: library")
    imported = backstage(dictionary, text, component("web", spec="dependsOn: [component:parser]"))
    assert [one.name for one in dictionary.services()] == ["web"]
    assert lines(imported.notes) == [
        "a.yaml:5: metadata.name: component:parser is a library and no service: ignored"
    ]


def test_the_details_of_owners_are_annotations(dictionary: Dictionary) -> None:
    backstage(
        dictionary,
        group(
            "auth-team",
            "parent: platform, members: [auth-lead]",
            "lead: auth-lead",
            "deputies: group:platform, auth-lead",
            "time-zone: Europe/Berlin",
            "contacts: |",
            "  slack: #auth-team",
            "  file: auth",
        ).replace("ci-steps.io/  ", "  "),
        group("platform", "children: [auth-team]"),
        group("auth-lead", "memberOf: [auth-team]", kind="User"),
    )
    assert dictionary.owner("auth-team") == Owner(
        "auth-team",
        contacts=(Contact("slack", "#auth-team"), Contact("file", "auth")),
        lead="auth-lead",
        time_zone="Europe/Berlin",
        deputies=("platform", "auth-lead"),
        members=("auth-lead",),
        parent="platform",
    )


def test_a_file_that_knows_the_mail_takes_no_slack_channel_away(dictionary: Dictionary) -> None:
    backstage(dictionary, group("auth-team", "", "slack-channel: '#auth'", "email: a@shop.example"))
    backstage(dictionary, group("auth-team", "profile: {email: b@shop.example}"))
    owner = dictionary.owner("auth-team")
    assert owner is not None
    assert set(owner.contacts) == {Contact("slack", "#auth"), Contact("email", "b@shop.example")}


def test_a_relation_to_nowhere_is_noted_and_what_was_meant(dictionary: Dictionary) -> None:
    imported = backstage(
        dictionary,
        group("auth-team", "parent: nobody, members: [ghost]"),
        component("web", spec="owner: auth-teem, dependsOn: [auht], consumesApis: [auth-api]"),
        component("auth", spec="owner: unknown, dependencyOf: [component:weeb]"),
    )
    nowhere = "is in no file and not in the dictionary"
    assert lines(imported.notes) == [
        f"a.yaml:8: spec.members[0]: user:ghost {nowhere}; known: auth-team",
        f"a.yaml:8: spec.parent: group:nobody {nowhere}; known: auth-team",
        "b.yaml:8: spec.consumesApis[0]: no component in the files provides api:auth-api",
        f"b.yaml:8: spec.dependsOn[0]: component:auht {nowhere}, did you mean auth?",
        f"b.yaml:8: spec.owner: group:auth-teem {nowhere}, did you mean auth-team?",
        f"c.yaml:8: spec.dependencyOf[0]: component:weeb {nowhere}, did you mean web?",
        f"c.yaml:8: spec.owner: group:unknown {nowhere}; known: auth-team",
    ]
    found = [(one.service, one.owner) for one in imported.unreachable]
    assert found == [("auth", ""), ("web", "auth-teem")]


def test_of_a_company_full_of_references_to_nowhere_the_first_are_told_what_was_meant(
    dictionary: Dictionary,
) -> None:
    nowhere = ", ".join(f"component:web{number}" for number in range(150))
    twice = [component(name, spec=f"dependsOn: [{nowhere}]") for name in ("gis", "web")]
    notes = [note.text for note in backstage(dictionary, *twice).notes]
    assert len(notes) == 300
    assert sum("did you mean web?" in note for note in notes) == 2 * 100


def test_a_reference_may_mean_what_the_dictionary_knows(dictionary: Dictionary) -> None:
    backstage(dictionary, group("auth-team", "profile: {email: a@shop.example}"))
    imported = backstage(dictionary, component("auth", spec="owner: auth-team"))
    assert (imported.notes, imported.unreachable) == ((), ())


WRONG = [
    (component("a").replace("Component", "Componet"), ":3: kind: unknown kind 'Componet', did you"),
    (component("a").replace("name: a", "name: a b"), ":5: metadata.name: 'a b' is not the name of"),
    (component("a").replace("name: a", "title: a"), ":4: metadata.name: must be given"),
    (component("a").replace("apiVersion", "api"), ":2: apiVersion: must be given"),
    ("just text", ":1: expected an entity: keys and values with a kind"),
    (component("a", "version: 1.10"), ":7: metadata.annotations.ci-steps.io/version: 1.1 is not a"),
    (component("a", "commit: c1"), ":6: metadata.annotations.ci-steps.io/version: must be given"),
    (component("a", "verison: '1'"), "ci-steps.io/verison: unknown annotation, did you mean ci-"),
    (component("a", "email: a@b"), "ci-steps.io/email: unknown annotation"),
    (component("a", "version: '1.0'", "requirements: auth-x, gis-1"), ":8: metadata.annotations."),
    (component("a", "version: '1.0'", "requirements: auth-1, auth-2"), "needs auth twice"),
    (component("a", "version: '1.0'", "environments: 'a:b:c'"), "'a:b:c' is not an environment"),
    (component("a", "version: '1.0'", f"commit: {'c' * 128}"), "is not a commit: at most 127"),
    (component("a", "version: '1.0'", "version.2: 1.0.0"), "version.2: 1.0.0, or a slot it runs"),
    (component("a", spec="dependsOn: [7]"), ":8: spec.dependsOn[0]: 7 is not a reference"),
    (component("a", spec="dependsOn: auth"), ":8: spec.dependsOn: expected a list, got a text"),
    (component("a", spec="owner: [b]"), ":8: spec.owner: ['b'] is not a reference"),
    (component("a") * 2, ":13: metadata.name: component:a is there already, in a.yaml:5"),
    (component("a_b") + component("a.b"), "the service a-b is there already, in a.yaml:5: give"),
    (group("a") + group("a", kind="User"), "the owner a is there already, in a.yaml:5: give one"),
    (group("a", "profile: {email: nope}"), ":8: spec.profile.email: 'nope' is not an e-mail"),
    (group("a", "", "time-zone: Europe/Berln"), "unknown time zone 'Europe/Berln', did you mean"),
    (group("a", "", "lead: b"), "ci-steps.io/lead: unknown owner 'b'; known: a"),
    (group("a", "", "contacts: 'nobody'"), "'nobody' is not a contact"),
    (group("a", "parent: b") + group("b", "parent: a"), "parent goes in a circle: a -> b -> a"),
    (group("a", "parent: b") + group("b") + group("c", "children: [a]"), "a has two parents: b"),
    (group("a", "", "lead: group:a"), "the lead goes in a circle: a -> a"),
]


@pytest.mark.parametrize(("text", "said"), WRONG, ids=[said for _, said in WRONG])
def test_what_is_wrong_has_its_place_and_nothing_is_recorded(
    dictionary: Dictionary, text: str, said: str
) -> None:
    found = refused(dictionary, text)
    assert any(said in line for line in found), found
    assert all(line.startswith("a.yaml:") for line in found)
    assert (dictionary.owners(), dictionary.services()) == ((), ())


def test_all_problems_of_all_files_are_said_at_once(dictionary: Dictionary) -> None:
    found = refused(dictionary, component("v2"), component("a", "version: 1", "commit: 2"))
    assert [line.partition(" ")[0] for line in found] == ["a.yaml:5:", "b.yaml:7:", "b.yaml:8:"]


@pytest.mark.parametrize("name", ["Дом", "g" * 300, "a'; DROP TABLE owner;--"])
def test_an_entity_whose_name_is_wrong_is_read_to_its_end(
    dictionary: Dictionary, name: str
) -> None:
    text = component("a", "version: 1").replace("name: a", f'name: "{name}"')
    found = refused(dictionary, text + group("b", "", "email: nowhere") + text)
    assert [line.partition(" ")[0] for line in found] == [
        *("a.yaml:5:", "a.yaml:7:", "a.yaml:15:", "a.yaml:21:", "a.yaml:23:")
    ]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(group("a", f"profile: {{displayName: {'t' * 1001}}}"), id="title"),
        pytest.param(group("a", "", f"slack-channel: {'s' * 1001}"), id="channel"),
        pytest.param(group("a", "", f"email: {'e' * 1001}@b.example"), id="mail"),
        pytest.param(
            component("a", "production-environments: p").replace(
                "ci-steps.io/production-environments: p",
                f"backstage.io/source-location: url:{'r' * 1001}",
            ),
            id="repository",
        ),
        pytest.param(
            component("a", "version: '1.0'", f"environments: {'p' * 1001}"), id="environment"
        ),
    ],
)
def test_a_text_without_end_is_refused_on_every_database(dictionary: Dictionary, text: str) -> None:
    assert [line.partition(":")[0] for line in refused(dictionary, text)] == ["a.yaml"]


def test_kinds_of_others_are_ignored_with_a_note(dictionary: Dictionary) -> None:
    text = (
        component("a")
        .replace("backstage.io/v1alpha1", "shop.example/v1")
        .replace("Component", "Shelf")
    )
    imported = backstage(dictionary, text)
    assert lines(imported.notes) == ["a.yaml:3: kind: Shelf of shop.example/v1 is ignored"]
