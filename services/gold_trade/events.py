"""The events of gold_trade, by stored name."""

ACTOR_REGISTERED = "gold_trade.ActorRegistered"        # actor, kind, name, agreement?
LICENCE_RECORDED = "gold_trade.LicenceRecorded"        # actor, licence, kind, issuer?, valid_from?, valid_until?
DEVICE_REGISTERED = "gold_trade.DeviceRegistered"      # device, actor, key
RECORD_REFUSED = "gold_trade.DeviceRecordRefused"      # device, sequence, command, why: stream device/<device>/<sequence>
DEVICE_RETIRED = "gold_trade.DeviceRetired"            # device

COLLECTION_RECORDED = "gold_trade.CollectionRecorded"  # lot, collector, society, miners, gross_mg, fineness_per_100k, method, fine_mg, findings, entries
COLLECTION_CORRECTED = "gold_trade.CollectionCorrected"    # lot, corrects, collector?, old, new, findings?, relied_on?, entries
COLLECTION_WITHDRAWN = "gold_trade.CollectionWithdrawn"    # lot, corrects, collector, old, entries; the envelope's reason says why
LOT_HELD = "gold_trade.LotHeld"                        # lot, rule, transformation?
HOLD_LIFT_PROPOSED = "gold_trade.HoldLiftProposed"     # lot, rule, decision
HOLD_LIFTED = "gold_trade.HoldLifted"                  # lot, rule, decision, proposed_by?, seconded_by
HOLD_CURED = "gold_trade.HoldCured"                    # lot, rule, corrected
LOT_FORMED = "gold_trade.LotFormed"                    # lot, transformation, step, custodian, owner?, masses, fineness_per_100k?, serial?, consignment?, holds
LOT_SPENT = "gold_trade.LotSpent"                      # lot, transformation, spent_by?, gross_mg, fine_mg
TRANSFORMATION_RECORDED = "gold_trade.TransformationRecorded"      # transformation, step, custodian, totals, tolerances, findings, entries
LOT_CORRECTED = "gold_trade.LotCorrected"              # lot, formed_in, corrects, custodian, masses and old masses, lost_fine_mg, entries
TRANSFORMATION_REVIEWED = "gold_trade.TransformationReviewed"      # transformation, step, custodian, corrected, totals, findings
LOT_ASSAYED = "gold_trade.LotAssayed"                  # lot, fineness_per_100k, method, final, old_fine_mg, fine_mg, findings?, entries
TAGS_ISSUED = "gold_trade.TagsIssued"                  # actor, prefix, first, last
TAG_USED = "gold_trade.TagUsed"                        # tag, parcel: stream tag/<tag>
PARCEL_SEALED = "gold_trade.ParcelSealed"              # parcel, tag, custodian, lots, gross_mg
PARCEL_OPENED = "gold_trade.ParcelOpened"              # parcel, custodian?, tag_found, matches, lots
LOT_SEALED = "gold_trade.LotSealed"                    # lot, parcel
LOT_UNSEALED = "gold_trade.LotUnsealed"                # lot, parcel, matches
HANDOVER_OFFERED = "gold_trade.HandoverOffered"        # handover, giver, taker, parcel?, tag?, lots, gross_mg, due_by?
HANDOVER_ACCEPTED = "gold_trade.HandoverAccepted"      # handover, giver, taker, lots, missing?, weighed_mg?, findings, entries
HANDOVER_REFUSED = "gold_trade.HandoverRefused"        # handover, giver?, taker?, lots?, why
HANDOVER_SILENT = "gold_trade.HandoverSilent"          # handover, giver, taker, lots: nobody answered in time
LOT_TAKEN = "gold_trade.LotTaken"                      # lot, handover, custodian
OWNERSHIP_TRANSFERRED = "gold_trade.OwnershipTransferred"  # lot, owner, old_owner?
LOT_LOST = "gold_trade.LotLost"                        # lot, incident, custodian, entries
LOT_RECOVERED = "gold_trade.LotRecovered"              # lot, custodian, entries
STOCK_DECLARED = "gold_trade.StockDeclared"            # actor, season, gross_mg, findings?: stream stock/<actor>/<season>
STOCK_DRAWN = "gold_trade.StockDrawn"                  # actor, season, lot, gross_mg

CONTRACT_PROPOSED = "gold_trade.ContractProposed"      # contract, seller, buyer, limits, umpire_rule, by?
CONTRACT_AGREED = "gold_trade.ContractAgreed"          # contract, seller, buyer, limits, umpire_rule, proposed_by?, seconded_by?
CONSIGNMENT_SENT = "gold_trade.ConsignmentSent"        # consignment, contract, seller, buyer, lots, gross_mg, fine_mg, findings?
CONSIGNMENT_WEIGHED = "gold_trade.ConsignmentWeighed"  # consignment, weighed_mg, sent_mg, findings
CONSIGNMENT_MELTED = "gold_trade.ConsignmentMelted"    # consignment, lot, before_mg, after_mg, findings
CONSIGNMENT_DISPUTED = "gold_trade.ConsignmentDisputed"    # consignment, why
DISPUTE_SETTLED = "gold_trade.DisputeSettled"          # consignment, decision
ASSAY_COMMITTED = "gold_trade.AssayCommitted"          # consignment, party, commitment
ASSAY_REVEALED = "gold_trade.AssayRevealed"            # consignment, party, result (sealed)
ASSAYS_COMPARED = "gold_trade.AssaysCompared"          # consignment, lot, results, difference_per_100k, within
UMPIRE_RECORDED = "gold_trade.UmpireRecorded"          # consignment, lot, umpire, results, loser?

EVENT_CAPTURED = "gold_trade.EventCaptured"            # event, command, recorded?, transformation?, event_time?, zone?: stream captured/<event>
CAPTURE_FINISHED = "gold_trade.CaptureFinished"        # job, by, behaviour, events, captured, faults

LOG_OPENED = "gold_trade.LogOpened"
EPOCH_STARTED = "gold_trade.EpochStarted"                  # head, digest, by, decision: what came behind may be lost
DEAD_LETTER_DISCARDED = "gold_trade.DeadLetterDiscarded"   # source, refused_at, why, sha256, decision, by

ALL = frozenset(v for k, v in list(globals().items()) if k.isupper() and isinstance(v, str))
