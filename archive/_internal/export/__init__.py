"""Files that go into every export as they are or as templates: verify.sh and ПРОЧТИ.txt."""
