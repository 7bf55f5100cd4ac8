"""`registry`: who and where, as dated data, and who is who.

owns       territories with boundaries, headquarters, agencies, committees, categories, routing rules, calendars, seats:
           each record the list of its edits, so that it can be read as of any day; sets of changes that come into force
           together; the people in the seats (`people`); addresses, apart and encrypted, and who was given them;
           profiles of neighbourhoods: figures by year, facilities, weights of deprivation (`profiles`);
           accounts, sessions, signing keys, API keys and one-time codes, and who did what with them (`accounts`); imports
           that were asked for (`imports`)
answers    GET /<register> (territories, boundaries, headquarters, agencies, committees, categories, rules, calendars,
           seats; as of a day), /<register>/<code>, its /history, /neighbourhoods · PUT /<register>/<code>, POST its /end ·
           POST /agencies · GET /contacts/<kind>/<code>, /contact-reads ·
           POST /seats/<code>/appoint, /vacate · GET /territories/<code>/team ·
           GET /locate (a point) · POST /territories/merge, /territories/<code>/split, /rename, /target ·
           GET /territories/<code>/profile, its /compare and /corrections, PUT it · GET /deprivation ·
           GET /indicators, /weightings, /facilities, PUT /<kind>/<code>, POST its /end ·
           GET /territories/<code>/calendar · POST and DELETE /calendars/<code>/closures, /holidays ·
           POST /people, /people/search, GET and PUT /people/<person>, POST its /certificates, /erase ·
           POST /accounts, /accounts/invited, /accounts/<person>/totp, its /confirm, /disable, /enable, GET its /rights ·
           POST /imports?register (a file), GET /imports/<job>, /exports/<register> ·
           POST /sign-in, its /code and /resident, /sessions/refresh, /sessions/end ·
           GET /codes/<id>, /jwks, /ended, /audit ·
           GET and POST /keys, POST /keys/check, /keys/<code>/revoke
emits      registry.events: everything in `contracts.registry`; again on the day that a dated change comes into force
consumes   registry.registry: an agency that changed gets, or loses, its queue and its user at the broker; whoever sits
           where a seat, an agency or a headquarters changed has their rights looked at anew
"""
