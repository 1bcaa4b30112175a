"""Renders Markdown texts (a JSON list on stdin) as GitHub's cmark does, raw HTML kept, and tells what a page holds."""

import json
import sys
from html.parser import HTMLParser

import cmarkgfm
from cmarkgfm.cmark import Options

void = {"br", "hr", "img", "input", "link", "meta"}


class Reader(HTMLParser):
    """Elements with their attributes, and texts with the elements that they stand in."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.elements, self.texts, self.open, self.odd = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.elements.append([tag, sorted(name for name, _ in attrs)])
        if tag not in void:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if self.open[-1:] == [tag]:
            self.open.pop()
        elif tag not in void:
            self.odd.append(f"</{tag}> in {self.open}")

    def handle_data(self, data):
        self.texts.append([data, list(self.open)])

    def handle_comment(self, data):
        self.odd.append(f"comment {data}")

    def handle_decl(self, decl):
        self.odd.append(f"declaration {decl}")

    def handle_pi(self, data):
        self.odd.append(f"instruction {data}")


def read(text):
    html = cmarkgfm.github_flavored_markdown_to_html(text, Options.CMARK_OPT_UNSAFE)
    reader = Reader()
    reader.feed(html)
    reader.close()
    return {"elements": reader.elements, "texts": reader.texts, "odd": reader.odd + [f"open {tag}" for tag in reader.open]}


json.dump([read(text) for text in json.load(sys.stdin)], sys.stdout)
