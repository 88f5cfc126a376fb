"""Backup and restore of everything: database, working documents, archive, other files of the data folder, sealing keys.

A backup is a folder:

    backup.json                  names the newest whole run; replaced at once, as the last act of a backup
    runs/<id>/manifest.json      what the run holds, with the SHA-256 of every file of it
    runs/<id>/tables/*.jsonl.gz  one table each, a row a line, out of one snapshot
    runs/<id>/archive.jsonl.gz   keys of the archive with size, retention and hold; objects.jsonl.gz, files.jsonl.gz likewise
    runs/<id>/keys.json          sealing keys under a passphrase, when one was given
    content/<ab>/<sha256>        bytes of objects, archive and files, each once, shared by all runs: what is there stays

A run that was cut off anywhere leaves `backup.json` as it was; the next run removes its remains.
"""

from edo_service.backup.checking import check_backup
from edo_service.backup.making import Made, make_backup
from edo_service.backup.restoring import Restored, restore_backup
from edo_service.backup.values import BackupError

__all__ = ["BackupError", "Made", "Restored", "check_backup", "make_backup", "restore_backup"]
