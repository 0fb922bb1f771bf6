"""Reads a chart back: its marks, where they lie, and what they say."""

import re
from xml.etree import ElementTree as ET

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '<script>alert("1")</script> & \x00 </title> "x\' style="'


def read(chart):
    """Parse a chart as XML, which fails where it is not well-formed."""
    return ET.fromstring(str(chart))  # noqa: S314 - our own markup


def find(chart, tag, kind):
    """Find the marks of a tag that carry a class, in the order drawn."""
    return [one for one in read(chart).iter(SVG + tag) if kind in one.get("class", "").split()]


def say(chart):
    """List the texts that can be seen."""
    return [one.text or "" for one in read(chart).iter(SVG + "text")]


def describe(chart):
    """Give the title and the description."""
    image = next(one for one in read(chart).iter() if one.get("role") == "img")
    by_id = {one.get("id"): one.text for one in image}
    return [by_id[name] for name in image.get("aria-labelledby").split()]


def number(mark, *names):
    """Give attributes of a mark as numbers."""
    values = [float(mark.get(name)) for name in names]
    return values if len(values) > 1 else values[0]


def follow(mark):
    """Give the corners of a path of M, L, H and V."""
    x = y = 0.0
    corners = []
    for letter, rest in re.findall(r"([MLHV])([^A-Za-z]*)", mark.get("d")):
        values = [float(value) for value in rest.split()]
        x = values[0] if letter in "MLH" else x
        y = values[-1] if letter in "MLV" else y
        corners.append((x, y))
    return corners
