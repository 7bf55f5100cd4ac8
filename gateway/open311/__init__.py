"""Open311 GeoReport v2 (standard of 2011, open311.org) under /open311/v2: the same issues in the words of that standard.

service = category · attribute = question · service request = issue · service_request_id = tracking code
agency_responsible = lead agency · jurisdiction = province or county · address_id = neighbourhood

docs/open311.md says what is what, ADR 34 why.
"""
