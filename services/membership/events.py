"""The events of membership, by stored name; a changed meaning gets a new name, a new optional field does not."""

REGION_REGISTERED = "membership.RegionRegistered"                  # region, name
DISTRICT_REGISTERED = "membership.DistrictRegistered"              # district, name, rank?, region?
PLACE_NAMED = "membership.PlaceNamed"                              # kind, place, name, normalised: stream <kind>-name/<normalised>

ORGANISATION_FOUNDED = "membership.OrganisationFounded"            # organisation, level, name, form?, district?, commune?, counts
ORGANISATION_REGISTERED = "membership.OrganisationRegistered"      # organisation, number, normalised, register
REGISTER_NUMBER_TAKEN = "membership.RegisterNumberTaken"           # normalised, organisation: stream register-number/<normalised>
ORGANISATION_AFFILIATED = "membership.OrganisationAffiliated"      # organisation, level, parent, parent_level
ORGANISATION_DETACHED = "membership.OrganisationDetached"          # organisation, level, parent, parent_level
ORGANISATION_RENAMED = "membership.OrganisationRenamed"            # organisation, name, old_name
ORGANISATION_ALIAS_RECORDED = "membership.OrganisationAliasRecorded"   # organisation, alias, evidence
ORGANISATION_MOVED = "membership.OrganisationMoved"                # organisation, district, commune?, counts
ORGANISATION_SUSPENDED = "membership.OrganisationSuspended"
ORGANISATION_REINSTATED = "membership.OrganisationReinstated"
ORGANISATION_DISSOLVED = "membership.OrganisationDissolved"        # organisation, counts
FACT_CORRECTED = "membership.OrganisationFactCorrected"            # organisation, corrects, fact, old, new, counts
FACT_WITHDRAWN = "membership.OrganisationFactWithdrawn"            # organisation, withdraws, fact, old, counts
REPRESENTATIVE_NAMED = "membership.RepresentativeNamed"            # organisation, function, person (sealed)

COUNT_DECLARED = "membership.CountDeclared"                        # declaration, measure, count, as_of, counts_from, source, district?
COUNT_CORRECTED = "membership.CountCorrected"                      # declaration, old, new
COUNT_WITHDRAWN = "membership.CountWithdrawn"                      # declaration, old

LOG_OPENED = "membership.LogOpened"
EPOCH_STARTED = "membership.EpochStarted"                  # head, digest, by, decision: what came behind may be lost
DEAD_LETTER_DISCARDED = "membership.DeadLetterDiscarded"   # source, refused_at, why, sha256, decision, by

ALL = frozenset(v for k, v in list(globals().items()) if k.isupper() and isinstance(v, str))
