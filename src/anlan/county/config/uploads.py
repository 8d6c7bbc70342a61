"""What is sent to the site, too large for memory: a file without a name, which is gone with the process."""

from tempfile import TemporaryFile
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler


class UnnamedFileUploadHandler(FileUploadHandler):
    """As Django's own for large files, but nothing of them can be opened by anybody else or stay behind."""

    def new_file(self, *words: Any, **more: Any) -> None:
        super().new_file(*words, **more)
        file = TemporaryFile()  # noqa: SIM115 (the request closes it)
        self.file = UploadedFile(file, self.file_name, self.content_type, 0, self.charset, self.content_type_extra)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.file.write(raw_data)

    def file_complete(self, file_size: int) -> "UploadedFile[bytes]":
        self.file.seek(0)
        self.file.size = file_size
        return self.file

    def upload_interrupted(self) -> None:
        if hasattr(self, "file"):
            self.file.close()
