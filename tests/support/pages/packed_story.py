# ruff: noqa: E501 - one packing a line
"""One invented story in every packing in which frameworks and publishing systems embed their data."""

from __future__ import annotations

import base64
import gzip
import html
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

URL = "https://www.quarrel.example/local/tide-mill-turns-again-after-sixty-years-58123"
TITLE = "Tide mill turns again after sixty years"
AUTHOR, DATE = "Ilse Farrow", "2026-03-14T07:30:00Z"
PARAGRAPHS = (
    "The tide mill at Quarrel Point ground its first flour since 1966 on Saturday, before some four hundred people.",
    "“She groaned, then she went,” said Tomás Ribeiro, the millwright who spent five winters on the oak wheel.",
    "The work cost £310,000; Marsh & Daughters, a bakery in the town, gave nearly a third without conditions.",
    "Volunteers found that the gearing had survived because silt had covered it, and that the sluice had not.",
    "The mill will be open to visitors at weekends, whenever the tide allows it, from the first of April.",
)
HTML = "\n".join(f"<p>{html.escape(p, quote=False)}</p>" for p in PARAGRAPHS)
STORY: dict[str, Any] = {
    "id": 58123,
    "slug": "tide-mill-turns-again-after-sixty-years-58123",
    "title": TITLE,
    "publishedAt": DATE,
    "authors": [{"name": AUTHOR}],
    "bodyHtml": HTML,
}
STATE = {"route": {"path": "/local"}, "page": {"story": STORY, "user": None}}
SITE = "The Quarrel Tide"


def shell(content: str, title: str = f"{TITLE} | {SITE}") -> str:
    """Return a page whose elements show no story."""
    return (
        f'<!DOCTYPE html><html lang="en"><head><title>{title}</title></head><body><a href="/">{SITE}</a>'
        f'<div id="app"><p>Loading…</p></div>{content}</body></html>'
    )


def in_script(text: str) -> str:
    """Return the text with the ends of elements escaped, so that none ends the script."""
    return text.replace("</", "<\\/")


def json_script(value: Any, attributes: str = 'type="application/json"') -> str:
    return shell(f"<script {attributes}>{in_script(json.dumps(value))}</script>")


def code(text: str) -> str:
    return shell(f"<script>{in_script(text)}</script>")


def attribute(name: str, text: str) -> str:
    return shell(f'<div id="root" {name}="{html.escape(text)}"></div>')


def literal(value: Any) -> str:
    """Return a value as a JavaScript literal: bare keys, single quotes, shortened constants, commas at the end."""
    if isinstance(value, dict):
        return "{" + "".join(f"{k}:{literal(v)},\n" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + "".join(f"{literal(v)}," for v in value) + "]"
    if isinstance(value, str):
        escaped = re.sub(r"['\\]", lambda match: "\\" + match[0], value).replace("\n", "\\n")
        return "'" + escaped.replace("é", "\\xe9") + "'"
    return {None: "void 0", True: "!0", False: "!1"}.get(value, str(value))


def single_quoted(text: str) -> str:
    return "'" + re.sub(r"['\\]", lambda match: "\\" + match[0], text) + "'"


def devalue(value: Any) -> list[Any]:
    """Return a value as a flat list in which numbers are indexes."""
    flat: list[Any] = []

    def add(item: Any) -> int:
        at = len(flat)
        flat.append(None)
        if isinstance(item, dict):
            flat[at] = {k: add(v) for k, v in item.items()}
        elif isinstance(item, list):
            flat[at] = [add(v) for v in item]
        else:
            flat[at] = item
        return at

    add(value)
    return flat


def turbo_stream(value: Any) -> list[Any]:
    """Return a value as Remix sends it: keys are indexes too."""
    flat: list[Any] = []

    def add(item: Any) -> int:
        if item is None:
            return -5
        at = len(flat)
        flat.append(item)
        if isinstance(item, dict):
            flat[at] = {f"_{add(k)}": add(v) for k, v in item.items()}
        elif isinstance(item, list):
            flat[at] = [add(v) for v in item]
        return at

    add(value)
    return flat


def astro(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [0, {k: astro(v) for k, v in value.items()}]
    if isinstance(value, list):
        return [1, [astro(v) for v in value]]
    return [0, value]


def flight(value: Any, *, body_apart: bool) -> str:
    """Return the pushes of Next's app router."""
    story = STORY | {"bodyHtml": "$1f"} if body_apart else STORY
    stream = '1:"$Sreact.fragment"\n2:I[7,[],"Story"]\n'
    stream += f"1f:T{len(HTML.encode()):x},{HTML}" if body_apart else ""
    stream += "3:" + json.dumps(["$", "$L2", None, {"story": story}]) + "\n"
    pieces = [stream[at : at + 170] for at in range(0, len(stream), 170)]
    first = "<script>(self.__next_f=self.__next_f||[]).push([0])</script>"
    return shell(first + "".join(f"<script>self.__next_f.push([1,{json.dumps(p)}])</script>" for p in pieces))


def nuxt_function() -> str:
    names = "a,b,c,d,e"
    body = "return {layout:e,data:[{story:{id:58123,title:a,publishedAt:b,authors:[{name:c}],bodyHtml:d}}],error:null}"
    given = ",".join(json.dumps(v) for v in (TITLE, DATE, AUTHOR, HTML, "default"))
    return f"window.__NUXT__=(function({names}){{{body}}}({given}));"


def nuxt_settings() -> str:
    given = ",".join(json.dumps(v) for v in (TITLE, DATE, AUTHOR, HTML))
    body = "s.title=t;s.publishedAt=p;s.authors=[{name:n}];s.bodyHtml=h;return {data:[{story:s}],state:{}}"
    return f"window.__NUXT__=(function(s,t,p,n,h){{{body}}})({{}},{given});"


def angular(text: str) -> str:
    for char, escape in (("&", "&a;"), ('"', "&q;"), ("'", "&s;"), ("<", "&l;"), (">", "&g;")):
        text = text.replace(char, escape)
    return text


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def apollo() -> dict[str, Any]:
    return {
        "ROOT_QUERY": {"__typename": "Query", 'article({"id":58123})': {"__ref": "Article:58123"}},
        "Article:58123": {
            "__typename": "Article",
            'title({"format":"plain"})': TITLE,
            "publishedAt": DATE,
            'authors({"first":3})': [{"__ref": "Author:9"}],
            'body({"format":"html"})': HTML,
        },
        "Author:9": {"__typename": "Author", "name": AUTHOR},
    }


def old_apollo() -> dict[str, Any]:
    return {
        "Article:58123": {
            "title": TITLE,
            "publishedAt": DATE,
            "authors": [{"type": "id", "generated": False, "id": "Author:9", "typename": "Author"}],
            "body": {"type": "json", "json": [{"type": "p", "children": [{"text": p}]} for p in PARAGRAPHS]},
            "__typename": "Article",
        },
        "Author:9": {"name": AUTHOR, "__typename": "Author"},
    }


def relay() -> dict[str, Any]:
    return {
        "client:root": {"__id": "client:root", "story(id:58123)": {"__ref": "U3Rvcnk"}},
        "U3Rvcnk": {
            "__id": "U3Rvcnk",
            "__typename": "Story",
            "headline": TITLE,
            "datePublished": DATE,
            "bylines": {"__refs": ["QXV0aG9y"]},
            "articleBody": HTML,
        },
        "QXV0aG9y": {"__id": "QXV0aG9y", "__typename": "Person", "fullName": AUTHOR},
    }


def json_api() -> dict[str, Any]:
    author = {"data": [{"type": "people", "id": "9"}]}
    story = {"title": TITLE, "published_at": DATE, "body": {"value": HTML, "format": "full", "processed": HTML}}
    return {
        "data": {"type": "articles", "id": "58123", "attributes": story, "relationships": {"authors": author}},
        "included": [{"type": "people", "id": "9", "attributes": {"name": AUTHOR}}],
    }


def wordpress() -> dict[str, Any]:
    return {
        "id": 58123,
        "date": "2026-03-14T08:30:00",
        "date_gmt": DATE.rstrip("Z"),
        "link": URL,
        "title": {"rendered": TITLE},
        "content": {"rendered": HTML, "protected": False},
        "excerpt": {"rendered": f"<p>{PARAGRAPHS[0][:60]} [&hellip;]</p>"},
        "author": 4,
        "_embedded": {"author": [{"id": 4, "name": AUTHOR}]},
    }


def with_body(body: Any, key: str = "body") -> dict[str, Any]:
    return {"story": {k: v for k, v in STORY.items() if k != "bodyHtml"} | {key: body}}


_FIRST, _REST = PARAGRAPHS[0], PARAGRAPHS[1:]
_CUT = 40
_PIECES = (_FIRST[:9], _FIRST[9:_CUT], _FIRST[_CUT:])
_RUNS = [{"text": _PIECES[0]}, {"text": _PIECES[1], "bold": True}, {"text": _PIECES[2]}]
BODIES: dict[str, Any] = {
    "plain paragraphs": list(PARAGRAPHS),
    "plain text": "\n\n".join(PARAGRAPHS),
    "markdown": "\n\n".join((f"## [{_FIRST}](https://quarrel.example/mill)", *_REST[:-1], f"**{_REST[-1]}**")),
    "escaped html": html.escape(HTML),
    "typed html blocks": [{"type": "image", "caption": "The wheel."}, *({"type": "text", "html": f"<p>{html.escape(p)}</p>"} for p in PARAGRAPHS)],
    "slate": [{"type": "paragraph", "children": _RUNS}, *({"type": "paragraph", "children": [{"text": p}]} for p in _REST)],
    "slate with links": [
        {"type": "paragraph", "children": [{"text": _PIECES[0]}, {"type": "link", "url": "/x", "children": [{"text": _PIECES[1]}]}, {"text": _PIECES[2]}]},
        *({"type": "paragraph", "children": [{"text": p}]} for p in _REST),
    ],
    "prosemirror": {
        "type": "doc",
        "content": [
            {"type": "paragraph", "attrs": {"textAlign": "left"}, "content": [{"type": "text", "text": t, "marks": [{"type": "bold"}]} for t in _PIECES]},
            *({"type": "paragraph", "content": [{"type": "text", "text": p}]} for p in _REST),
        ],
    },
    "draft.js": {
        "blocks": [{"key": "a1", "text": p, "type": "unstyled", "depth": 0, "inlineStyleRanges": [], "entityRanges": [], "data": {}} for p in PARAGRAPHS],
        "entityMap": {"0": {"type": "LINK", "data": {"url": "/x"}}},
    },
    "lexical": {
        "root": {
            "type": "root",
            "children": [
                {"type": "paragraph", "children": [{"type": "text", "text": t, "format": 0} for t in _PIECES]},
                *({"type": "paragraph", "children": [{"type": "text", "text": p}]} for p in _REST),
            ],
        }
    },
    "contentful": {
        "nodeType": "document",
        "data": {},
        "content": [
            {"nodeType": "embedded-asset-block", "data": {"target": {"sys": {"id": "x"}}}, "content": []},
            {"nodeType": "paragraph", "data": {}, "content": [
                {"nodeType": "text", "value": _PIECES[0], "marks": [], "data": {}},
                {"nodeType": "hyperlink", "data": {"uri": "/x"}, "content": [{"nodeType": "text", "value": _PIECES[1], "marks": [], "data": {}}]},
                {"nodeType": "text", "value": _PIECES[2], "marks": [], "data": {}},
            ]},
            *({"nodeType": "paragraph", "data": {}, "content": [{"nodeType": "text", "value": p, "marks": [], "data": {}}]} for p in _REST),
        ],
    },
    "portable text": [
        {"_type": "block", "_key": "a", "style": "normal", "markDefs": [], "children": [{"_type": "span", "_key": str(n), "text": t, "marks": []} for n, t in enumerate(_PIECES)]},
        {"_type": "image", "asset": {"_ref": "image-1"}, "caption": "The wheel."},
        *({"_type": "block", "style": "normal", "children": [{"_type": "span", "text": p}]} for p in _REST),
    ],
    "editor.js": {
        "time": 1773473400000,
        "blocks": [
            {"id": "a", "type": "header", "data": {"text": _FIRST, "level": 2}},
            {"id": "b", "type": "paragraph", "data": {"text": f"<b>{_REST[0]}</b>"}},
            {"id": "c", "type": "list", "data": {"style": "unordered", "items": [html.escape(_REST[1]), {"content": _REST[2], "items": []}]}},
            {"id": "d", "type": "delimiter", "data": {}},
            {"id": "e", "type": "paragraph", "data": {"text": _REST[3]}},
        ],
    },
    "gutenberg": [
        {"name": "core/image", "attributes": {"url": "/a.jpg", "caption": "The wheel."}, "innerBlocks": []},
        {"name": "core/paragraph", "attributes": {"content": html.escape(_FIRST), "dropCap": False}, "innerBlocks": []},
        {"name": "core/group", "attributes": {}, "innerBlocks": [{"name": "core/paragraph", "attributes": {"content": html.escape(p)}, "innerBlocks": []} for p in _REST]},
    ],
    "parsed gutenberg": [{"blockName": "core/paragraph", "attrs": {}, "innerBlocks": [], "innerHTML": f"\n<p>{html.escape(p)}</p>\n", "innerContent": []} for p in PARAGRAPHS],
    "quill": {"ops": [{"insert": _PIECES[0]}, {"insert": _PIECES[1], "attributes": {"bold": True}}, {"insert": _PIECES[2] + "\n"}, *({"insert": f"{p}\n"} for p in _REST)]},
    "hast": {
        "type": "root",
        "children": [
            {"type": "element", "tagName": "p", "properties": {}, "children": [{"type": "text", "value": _PIECES[0]}, {"type": "element", "tagName": "strong", "children": [{"type": "text", "value": _PIECES[1]}]}, {"type": "text", "value": _PIECES[2]}]},
            {"type": "text", "value": "\n"},
            *({"type": "element", "tagName": "p", "children": [{"type": "text", "value": p}]} for p in _REST),
        ],
    },
    "mdast": {
        "type": "root",
        "children": [
            {"type": "paragraph", "children": [{"type": "text", "value": _PIECES[0]}, {"type": "emphasis", "children": [{"type": "text", "value": _PIECES[1]}]}, {"type": "text", "value": _PIECES[2]}]},
            *({"type": "paragraph", "children": [{"type": "text", "value": p}]} for p in _REST),
        ],
    },
    "tags in lists": [["p", {}, _PIECES[0], ["em", {}, _PIECES[1]], _PIECES[2]], *(["p", {}, p] for p in _REST)],
    "arc xp": [{"_id": f"A{n}", "type": "text", "content": html.escape(p)} for n, p in enumerate(PARAGRAPHS)],
    "graphql connection": {"edges": [{"node": {"__typename": "ParagraphBlock", "text": p}} for p in PARAGRAPHS]},
    "strapi zones": [{"__component": "content.rich-text", "id": n, "body": html.escape(p)} for n, p in enumerate(PARAGRAPHS)],
}  # fmt: skip

_TEXT = json.dumps(STATE)
_ANGULAR = json.dumps({"G.https://api/58123?": {"body": STORY}})
_UNTITLED = f"<title>{TITLE} | {SITE}</title>"
_ENVELOPE = {"status": 200, "headers": {}, "body": json.dumps({"data": STORY})}
UNKNOWN_ESCAPE = "\\Marsh"  # an escape that JSON does not know


def _packings() -> dict[str, Callable[[], str]]:
    """Return the builders of the pages by the name of the packing."""
    stream = json.dumps(json.dumps(turbo_stream({"loaderData": {"routes/story": STATE}})) + "\n")
    found: dict[str, Callable[[], str]] = {
        "json script": lambda: json_script(STATE),
        "json script of another type": lambda: json_script(STATE, 'type="text/x-app-state" data-state'),
        "json script without a type": lambda: json_script(STATE, 'id="state"'),
        "json in comments": lambda: shell(f'<script type="application/json"><!--{_TEXT}--></script>'),
        "json in a section": lambda: shell(f'<script type="application/json">//<![CDATA[\n{_TEXT};\n//]]></script>'),
        "next pages": lambda: json_script({"props": {"pageProps": STATE}}, 'id="__NEXT_DATA__" type="application/json"'),
        "next app": lambda: flight(STATE, body_apart=False),
        "next app, body in a row": lambda: flight(STATE, body_apart=True),
        "nuxt 2": lambda: code(nuxt_function()),
        "nuxt 2 with settings": lambda: code(nuxt_settings()),
        "nuxt 2 as an arrow": lambda: code(f"window.__NUXT__=((t,h)=>({{story:{{title:t,publishedAt:'{DATE}',byline:'{AUTHOR}',body:h}}}}))({json.dumps(TITLE)},{json.dumps(HTML)})"),
        "nuxt 3": lambda: json_script(_shifted(devalue(STATE)), 'id="__NUXT_DATA__" type="application/json"'),
        "sveltekit fetched": lambda: json_script(_ENVELOPE, 'type="application/json" data-sveltekit-fetched data-url="/api/58123"'),
        "sveltekit start": lambda: code('{const element=document.currentScript.parentElement;Promise.all([import("./a.js")]).then(([kit,app])=>{kit.start(app,element,{node_ids:[0,2],data:[null,{type:"data",data:' + literal(STATE) + ",uses:{params:1}}],form:null,error:null});});}"),
        "sveltekit devalue": lambda: json_script({"type": "data", "nodes": [None, {"type": "data", "data": devalue(STATE), "uses": {}}]}),
        "remix context": lambda: code(f"window.__remixContext = {json.dumps({'state': {'loaderData': STATE}})};__remixContext.p = function(v,e,p,x){{return v}};"),
        "react router stream": lambda: code(f"window.__reactRouterContext.streamController.enqueue({stream});"),
        "gatsby": lambda: code(f"/*<![CDATA[*/window.pagePath='/x';window.___PAGE_DATA={json.dumps({'result': {'data': STATE}})};/*]]>*/"),
        "apollo": lambda: code(f"window.__APOLLO_STATE__={json.dumps(apollo())};"),
        "apollo inside of next": lambda: json_script({"props": {"pageProps": {"apollo": apollo()}}}, 'id="__NEXT_DATA__" type="application/json"'),
        "old apollo": lambda: code(f"window.__APOLLO_STATE__={json.dumps(old_apollo())};"),
        "relay": lambda: code(f"window.__RELAY_STORE__ = {json.dumps(relay())}"),
        "redux in single quotes": lambda: code(f"window.__PRELOADED_STATE__ = JSON.parse({single_quoted(_TEXT)})"),
        "json in a string": lambda: code(f"var data = JSON.parse({json.dumps(_TEXT)});"),
        "json twice in a string": lambda: code(f"hydrate({json.dumps(json.dumps(_TEXT))});"),
        "json in a template string": lambda: code("boot(JSON.parse(`" + _TEXT.replace("\\", "\\\\") + "`))"),
        "object literal": lambda: code(f"window.app = window.app || {{}};\nwindow.app.state = {literal(STATE)};"),
        "object literal with functions": lambda: code(f"App.start({{render:function(a){{return \"}}\"+a}},re:/[{{'\"]/g,date:new Date(),on(){{}},state:{literal(STATE)}}});"),
        "assignment with a default": lambda: code(f"window.STATE = window.STATE || {literal(STATE)}"),
        "object merged into settings": lambda: code(f"jQuery.extend(Drupal.settings, {json.dumps(STATE)});"),
        "percent signs": lambda: code(f'window.__PRELOADED__ = JSON.parse(decodeURIComponent("{quote(_TEXT)}"));'),
        "percent signs and plus signs": lambda: code(f"load(unescape('{quote(_TEXT, safe=' ').replace(' ', '+')}'))"),
        "percent signs in json": lambda: json_script(quote(_TEXT)),
        "base64": lambda: code(f'window.state = JSON.parse(atob("{encoded(_TEXT)}"))'),
        "base64 of percent signs": lambda: code(f"init('{encoded(quote(_TEXT))}')"),
        "base64 of gzip": lambda: code(f'window.z = "{base64.b64encode(gzip.compress(_TEXT.encode())).decode()}"'),
        "base64 script": lambda: shell(f'<script type="text/plain" id="s">{encoded(_TEXT)}</script>'),
        "angular, old": lambda: shell(f'<script id="app-state" type="application/json">{angular(_ANGULAR)}</script>'),
        "angular, new": lambda: json_script({"4102": {"b": STORY, "h": {}, "s": 200, "u": "/api/58123"}}, 'id="ng-state" type="application/json"'),
        "escaped json": lambda: shell(f'<script type="application/json">{html.escape(_TEXT)}</script>'),
        "fastboot": lambda: json_script({"records": json.dumps(json_api())}, 'type="fastboot/shoebox" id="shoebox-main"'),
        "ember meta": lambda: shell(f'<meta name="quarrel/state" content="{quote(_TEXT)}">'),
        "vue ssr": lambda: code(f"window.__INITIAL_STATE__={_TEXT};(function(){{var s;(s=document.currentScript||document.scripts[document.scripts.length-1]).parentNode.removeChild(s);}}());"),
        "vue attribute": lambda: attribute(":story", json.dumps(STORY)),
        "astro island": lambda: attribute("props", json.dumps({k: astro(v) for k, v in STATE.items()})),
        "inertia": lambda: attribute("data-page", json.dumps({"component": "Story", "props": STATE, "url": "/x"})),
        "livewire": lambda: attribute("wire:snapshot", json.dumps({"data": {"story": [STORY, {"s": "arr"}]}, "memo": {"id": "x"}})),
        "rails component": lambda: attribute("data-react-props", json.dumps(STATE)),
        "base64 attribute": lambda: attribute("data-state", encoded(_TEXT)),
        "percent signs in an attribute": lambda: attribute("data-props", quote(_TEXT)),
        "alpine": lambda: attribute("x-data", literal(STATE)),
        "textarea": lambda: shell(f'<textarea id="state" hidden>{html.escape(_TEXT)}</textarea>'),
        "template": lambda: shell(f'<template id="state">{html.escape(_TEXT)}</template>'),
        "drupal settings": lambda: json_script({"path": {}, "story": STATE}, 'type="application/json" data-drupal-selector="drupal-settings-json"'),
        "drupal fields": lambda: json_script({"title": [{"value": TITLE}], "created": [{"value": DATE, "format": "c"}], "field_author": AUTHOR, "byline": AUTHOR, "body": [{"value": HTML, "processed": HTML}]}),
        "arc xp": lambda: code('window.Fusion=window.Fusion||{};Fusion.globalContent=' + json.dumps({"headlines": {"basic": TITLE}, "display_date": DATE, "credits": {"by": [{"name": AUTHOR}]}, "content_elements": BODIES["arc xp"]}) + ";Fusion.spa=false;"),
        "json:api": lambda: json_script(json_api()),
        "wordpress": lambda: json_script(wordpress()),
        "contentful entry": lambda: json_script({"sys": {"id": "x"}, "fields": {"headline": TITLE, "publishDate": DATE, "author": {"fields": {"name": AUTHOR}}, "body": BODIES["contentful"]}}),
        "headline and body apart": lambda: json_script({"article": {"meta": {"title": TITLE, "published": DATE, "byline": AUTHOR}, "content": {"blocks": BODIES["editor.js"]["blocks"]}}}),
        "unknown key of the body": lambda: json_script(with_body(HTML, "verhaal")),
        "a title that names the site": lambda: json_script(STATE).replace(f"{TITLE} | {SITE}", SITE),
        "no title": lambda: json_script(STATE).replace(_UNTITLED, ""),
        "ghost": lambda: json_script({"posts": [STORY | {"primary_author": {"name": AUTHOR}, "slug": "x"}]}),
        "paragraphs of numbered types": lambda: json_script({"value": {"title": TITLE, "date": DATE, "creator": {"name": AUTHOR}, "content": {"bodyModel": {"paragraphs": [{"name": "a", "type": 1, "text": p} for p in PARAGRAPHS]}}}}),
        "value in a function": lambda: code(f"(self.chunks=self.chunks||[]).push([[179],{{4102:function(e,t){{e.exports={literal(STATE)}}}}}]);"),
        "section of characters": lambda: json_script({"story": STORY | {"bodyHtml": f"<![CDATA[{HTML}]]>"}}),
        "comments and commas": lambda: shell(f'<script type="application/json">/* state */ {{"story": // the story\n {json.dumps(STORY)[:-1]}, }}, }}</script>'),
        "unknown escapes": lambda: shell(f'<script type="application/json">{_TEXT.replace("Marsh", UNKNOWN_ESCAPE)}</script>'),
        "stray quotes": lambda: shell('<script type="application/json">' + json.dumps(STATE | {"note": "NOTE"}).replace("NOTE", 'the "old" mill, of course') + "</script>"),
        "cut off": lambda: shell(f'<script type="application/json">{_TEXT[:-3]}</script>'),
        "several values": lambda: shell(f'<script type="application/json">{{"a": 1}}\n{_TEXT}\n{{"b": 2}}</script>'),
    }  # fmt: skip
    for name, body in BODIES.items():
        found[f"body: {name}"] = lambda body=body: json_script(with_body(body))  # type: ignore[misc]
    return found


def _shifted(flat: list[Any]) -> list[Any]:
    """Return a flat list behind the wrapper that Nuxt puts first."""

    def moved(item: Any) -> Any:
        if isinstance(item, dict):
            return {k: v + 1 for k, v in item.items()}
        return [v + 1 for v in item] if isinstance(item, list) else item

    return [["ShallowReactive", 1], *map(moved, flat)]


PACKINGS = _packings()
