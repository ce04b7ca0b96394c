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
CONSTITUTIVE_ASSEMBLY_HELD = "membership.ConstitutiveAssemblyHeld"  # organisation, venue?, founders?, founder_count?, delegates_each?
STATUTES_RECORDED = "membership.StatutesRecorded"                  # organisation, objects, missions
SEAT_RECORDED = "membership.OrganisationSeatRecorded"              # organisation, seat, commune?, site?
ORGANISATION_MERGED = "membership.OrganisationMerged"              # organisation (the duplicate), into, decision, counts, members, number?
REGISTER_NUMBER_RELEASED = "membership.RegisterNumberReleased"     # normalised, organisation
REPRESENTATIVE_NAMED = "membership.RepresentativeNamed"            # organisation, function, person (sealed)
REPRESENTATIVE_FORGOTTEN = "membership.RepresentativeForgotten"    # organisation, event, subject: stream representative/<event>

MINER_REGISTERED = "membership.MinerRegistered"                    # miner, sex?, birth_year?, site?, village?, name?, phone?, photo? (sealed)
MINER_CARD_RECORDED = "membership.MinerCardRecorded"               # miner, card_type, issuer, number (sealed), valid_from?, valid_until?, standing
MINER_ADMITTED = "membership.MinerAdmitted"                        # miner, organisation, members, standing
WITHDRAWAL_NOTICED = "membership.MinerWithdrawalNoticed"   # miner, organisation, received_on, stated_on?, effective_on, refund_due_by, members, standing
REFUND_EXTENDED = "membership.ShareRefundExtended"                 # miner, organisation, due_by, decision
REFUND_RECORDED = "membership.ShareRefundRecorded"                 # miner, organisation
MEMBERSHIP_ENDED = "membership.MinerMembershipEnded"               # miner, organisation, cause, everywhere?, members, standing
MINER_MOVED = "membership.MinerMoved"                              # miner, site?, village?
MINER_FACT_CORRECTED = "membership.MinerFactCorrected"             # miner, corrects, fact, old, new, members, standing
MINER_FACT_WITHDRAWN = "membership.MinerFactWithdrawn"             # miner, withdraws, fact, old, members, standing
MINER_MERGED = "membership.MinerMerged"                            # miner (the duplicate), into, decision, members, standing
DUPLICATE_TAKEN = "membership.MinerDuplicateTaken"                 # miner, duplicate, decision: in the stream of the record that stays
DUPLICATE_DISMISSED = "membership.DuplicateDismissed"              # miners, decision: stream duplicate/<a>+<b>
IDENTITY_READ = "membership.IdentityRead"                          # miner, fields, purpose: stream identity/<miner>
PERSON_FORGOTTEN = "membership.PersonForgotten"                    # miner: stream identity/<miner>

FINDING_RECORDED = "membership.FindingRecorded"                    # finding, organisation, rule, article?, severity, tag, breaches, events, facts?
FINDING_ANSWERED = "membership.FindingAnswered"                    # finding, organisation, rule, answer
FINDING_DECIDED = "membership.FindingDecided"                      # finding, organisation, rule, state, decision
STANDING_CHANGED = "membership.StandingChanged"                    # organisation, standing

PARTNER_REGISTERED = "membership.PartnerRegistered"                # partner, name, kind, aliases?
AGREEMENT_SIGNED = "membership.AgreementSigned"                    # agreement, title, parties, valid_from?, valid_until?, deliverables?, state
AGREEMENT_AMENDED = "membership.AgreementAmended"                  # agreement, amendment, old, new
AGREEMENT_ENDED = "membership.AgreementEnded"                      # agreement
DELIVERABLE_RECORDED = "membership.AgreementDeliverableRecorded"   # agreement, deliverable
AGREEMENT_FACT_WITHDRAWN = "membership.AgreementFactWithdrawn"     # agreement, withdraws, fact, parties?

SITE_REGISTERED = "membership.SiteRegistered"                      # site, name, aliases?, district?, commune?, village?, latitude_e6?, longitude_e6?
SITE_CORRECTED = "membership.SiteCorrected"                        # site, old, new
CORRIDOR_GRANTED = "membership.CorridorGranted"                    # corridor, name, district, order?, collectivity?, valid_from?, valid_until?, sites?
CORRIDOR_EXTENDED = "membership.CorridorExtended"                  # corridor, old, new, assigned
CORRIDOR_CLOSED = "membership.CorridorClosed"                      # corridor, assigned
CORRIDOR_ASSIGNED = "membership.CorridorAssigned"                  # corridor, organisation, valid_until?, until?, begins?
CORRIDOR_ASSIGNMENT_ENDED = "membership.CorridorAssignmentEnded"   # corridor, organisation, assignment?

COUNT_DECLARED = "membership.CountDeclared"                        # declaration, measure, count, as_of, counts_from, source, district?
COUNT_CORRECTED = "membership.CountCorrected"                      # declaration, old, new
COUNT_WITHDRAWN = "membership.CountWithdrawn"                      # declaration, old

LOG_OPENED = "membership.LogOpened"
EPOCH_STARTED = "membership.EpochStarted"                  # head, digest, by, decision: what came behind may be lost
DEAD_LETTER_DISCARDED = "membership.DeadLetterDiscarded"   # source, refused_at, why, sha256, decision, by
SENDING_ATTEMPTED = "membership.SendingAttempted"          # port, cause, attempt
SENDING_DELIVERED = "membership.SendingDelivered"          # port, receipt
SENDING_FAILED = "membership.SendingFailed"                # port, why
VIEW_EVENT_SKIPPED = "membership.ViewEventSkipped"         # view, stream, version, name, why, decision, by

ALL = frozenset(v for k, v in list(globals().items()) if k.isupper() and isinstance(v, str))
