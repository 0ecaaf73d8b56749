"""Frames of the plain wire: what is one, and what fails."""

import json


class Failure(Exception):
    """Travels to the page as it is worded. Of any other exception the page learns nothing: P4.3."""

    def __init__(self, code, message, data=None):
        super().__init__(message)
        self.body = {"code": code, "message": message, "data": data}


def parse(message):
    """The object in a text; any other message as it came."""
    try:
        return json.loads(message) if message[:1] == "{" else message
    except (ValueError, RecursionError):
        return message
