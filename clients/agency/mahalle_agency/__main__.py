"""`python -m mahalle_agency` is the command `mahalle-agency`."""
from mahalle_agency.cli import main

main()
