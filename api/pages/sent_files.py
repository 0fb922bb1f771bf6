"""A file in a form, taken piece by piece as the browser sends it: it never stands in memory as a whole."""

from collections.abc import AsyncIterator
from typing import Final

from fastapi import Request
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from arrisk.errors import InputError

_NONE: Final = "no file was chosen"
_CHOOSE: Final = "choose a file, then send the form"


class SentFile:
    """The file of a form.

    Parameters
    ----------
    request : holds the form, whose body nobody has read.
    field : the file's field; what the form says otherwise is passed over.

    Raises
    ------
    InputError
        When it is not a form that can hold a file.
    """

    def __init__(self, request: Request, field: str) -> None:
        kind, options = parse_options_header(request.headers.get("content-type", ""))
        if kind != b"multipart/form-data" or b"boundary" not in options:
            raise InputError(_NONE, where=field, hint=_CHOOSE)
        self._field = field.encode()
        self._stream = request.stream()
        self._name: bytes | None = None
        self._is_inside = self._is_whole = False
        self._header, self._value = b"", b""
        self._pieces: list[bytes] = []
        self._parser = MultipartParser(
            options[b"boundary"],
            {
                "on_header_field": self._take_header,
                "on_header_value": self._take_value,
                "on_header_end": self._end_header,
                "on_part_data": self._take_data,
                "on_part_end": self._end_part,
            },
        )

    async def find_name(self) -> str:
        """Read as far as the file, and give its name.

        Raises
        ------
        InputError
            When there is none.
        """
        async for chunk in self._stream:
            self._write(chunk)
            if self._name is not None:
                break
        if not self._name:
            raise InputError(_NONE, where=self._field.decode(), hint=_CHOOSE)
        return self._name.decode(errors="replace")

    async def read(self) -> AsyncIterator[bytes]:
        """Give the content.

        Raises
        ------
        InputError
            When the form ends before the file does.
        """
        while self._pieces:
            yield self._pieces.pop(0)
        async for chunk in self._stream:
            self._write(chunk)
            while self._pieces:
                yield self._pieces.pop(0)
        if not self._is_whole:
            raise InputError("the file did not arrive as a whole", where=self._field.decode(), hint="send it again")

    async def pass_over(self) -> None:
        """Read what is left, and forget it: a browser hears no answer before it has sent everything."""
        async for _ in self._stream:
            pass

    def _write(self, chunk: bytes) -> None:
        try:
            self._parser.write(chunk)
        except MultipartParseError as error:
            raise InputError("the form cannot be read", where=self._field.decode(), hint="send it again") from error

    def _take_header(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _take_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        if self._header.lower() == b"content-disposition" and self._name is None:
            _, options = parse_options_header(self._value)
            if options.get(b"name") == self._field and b"filename" in options:
                self._name, self._is_inside = options[b"filename"], True
        self._header, self._value = b"", b""

    def _take_data(self, data: bytes, start: int, end: int) -> None:
        if self._is_inside:
            self._pieces.append(data[start:end])

    def _end_part(self) -> None:
        self._is_whole |= self._is_inside
        self._is_inside = False
