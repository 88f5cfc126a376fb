"""An operator's business without any wire: who takes part, what was sent, what may be answered, who sees what."""
