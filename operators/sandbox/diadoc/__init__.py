"""The sandbox's face on Diadoc's JSON wire: paths, parameters, log-in, structures, statuses."""
