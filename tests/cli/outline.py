#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""outline.py <PAGE - the structure of an HTML page, a line an element: tag, id, class, role, and
the text of headings. Of brothers that look alike one stays."""
import sys
from html.parser import HTMLParser

VOID = {"meta", "link", "input", "br", "wbr", "img", "path"}
QUIET = {"script", "style", "wbr", "path", "option", "strong", "code", "small"}


class Outline(HTMLParser):
    def __init__(self):
        super().__init__()
        self.top = self.at = {"line": "", "below": [], "up": None}

    def handle_starttag(self, tag, attrs):
        keep = [k if v is None or v == "" else f"{k}={v}" for k, v in attrs
                if k in ("id", "class", "role", "scope", "hidden", "open", "lang", "aria-labelledby", "aria-label")]
        node = {"line": " ".join([tag] + keep), "tag": tag, "below": [], "up": self.at}
        if tag not in QUIET:
            self.at["below"].append(node)
        if tag not in VOID:
            self.at = node

    def handle_startendtag(self, tag, attrs):
        if tag not in QUIET:
            self.at["below"].append({"line": tag, "tag": tag, "below": [], "up": self.at})

    def handle_endtag(self, tag):
        while self.at["up"] and self.at["tag"] != tag:
            sys.exit(f"{self.at['tag']} is not closed before </{tag}>")
        self.at = self.at["up"] or self.at

    def handle_data(self, data):
        if self.at["up"] and self.at["tag"] in ("h1", "h2", "h3", "th", "dt", "label", "title", "summary"):
            self.at["text"] = self.at.get("text", "") + data.strip()


def lines(node, depth):
    out, last = [], None
    for n in node["below"]:
        head = n["tag"] in ("th", "dt", "h1", "h2", "h3", "label", "title") and "row" not in n["line"]
        text = f": {n['text']}" if head and n.get("text") else ""
        own = ["  " * depth + n["line"] + text] + lines(n, depth + 1)
        if own != last:
            out += own
        last = own
    return out


outline = Outline()
outline.feed(sys.stdin.read())
outline.close()
if outline.at is not outline.top:
    sys.exit(f"{outline.at['tag']} is not closed")
print("\n".join(lines(outline.top, 0)))
