"""CSV files, imports of large ones, and content of files in the database. A face of the chassis for services."""

from chassis.files.bulk_imports import Apply as ApplyRows
from chassis.files.bulk_imports import BulkImports, bulk_import
from chassis.files.bulk_imports import Part as ImportPart
from chassis.files.bulk_imports import Progress as ImportProgress
from chassis.files.csv import (
    CSV_ANSWER,
    CsvSeparator,
    CsvTable,
    UnreadableFileError,
    csv_body,
    csv_download,
    csv_line,
    read_csv,
    uploaded_csv,
)
from chassis.mongo.stored_files import StoredFiles

__all__ = [
    "CSV_ANSWER",
    "ApplyRows",
    "BulkImports",
    "CsvSeparator",
    "CsvTable",
    "ImportPart",
    "ImportProgress",
    "StoredFiles",
    "UnreadableFileError",
    "bulk_import",
    "csv_body",
    "csv_download",
    "csv_line",
    "read_csv",
    "uploaded_csv",
]
