"""What Typst needs of the process it works in."""

import subprocess
import sys

FORKED = """
import os
from edo_service.formats.printing import typeset
from edo_service.formats.printing.blocks import Form
form = Form({facts})
assert typeset.to_pdf(form).startswith(b"%PDF")
child = os.fork()
if not child:
    try:
        typeset.to_pdf(form)
    except RuntimeError:
        os._exit(7)
    os._exit(0)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_process_forked_after_a_form_is_told_instead_of_waiting_for_ever() -> None:
    script = FORKED.format(facts='title="0", blocks=()')
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=240, check=True)
    assert done.stdout.strip() == "7"
