"""МЧД, machine-readable powers of attorney: the register, the ten checks, and what each signature of an employee rests on."""
