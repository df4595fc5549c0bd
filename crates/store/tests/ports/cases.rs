//! Every case of the suite by name; a backend stamps them all.

/// Makes a test of each case for one backend, given as an expression that makes its factory, or nothing where the backend is
/// missing. A case that is missing here
/// is dead code, and the compiler says so.
macro_rules! stamp {
    ($factory:expr) => {
        $crate::cases::stamp! { @all $factory,
            opening {
                a_fresh_payment_is_found_by_key_and_by_name,
                of_a_thousand_parallel_requests_with_one_ticket_one_is_fresh,
                of_a_thousand_parallel_requests_under_one_key_one_is_fresh,
                a_taken_key_precedes_everything_and_consumes_nothing,
                a_cancelled_key_precedes_a_reused_ticket,
                a_cancelled_key_consumes_the_ticket_that_was_shown,
                a_reused_ticket_precedes_a_reused_slip,
                a_reused_slip_consumes_its_ticket,
                the_same_slip_on_another_day_or_at_another_terminal_is_fresh,
                a_key_belongs_to_its_terminal,
                a_key_with_a_payment_cannot_be_buried,
                a_key_may_be_buried_twice,
                of_burying_and_opening_at_once_one_wins,
                what_was_opened_and_buried_survives_a_restart,
            }
            moving {
                each_move_succeeds_from_its_own_states_alone,
                each_move_succeeds_once_however_many_try,
                a_question_reads_back_and_is_replaced_by_the_next,
                what_is_sent_reads_back_with_and_without_evidence,
                a_closed_payment_keeps_its_answer_and_what_was_sent,
                every_outcome_reads_back,
                a_payment_closed_unsent_has_sent_nothing,
                a_close_queues_exactly_one_reversal,
                a_reversal_of_another_payment_closes_nothing,
                unfinished_payments_survive_a_restart_oldest_first,
                nothing_moves_a_payment_that_never_was,
            }
            reversing {
                a_queued_reversal_takes_the_approval_back,
                a_payment_has_one_reversal_however_many_try,
                a_payment_that_is_not_closed_is_not_reversed,
                reversals_are_due_oldest_first_and_by_provider,
                an_attempt_is_counted_and_postpones,
                an_answered_reversal_leaves_the_queue_for_good,
                the_queue_survives_a_restart,
                stray_answers_are_taken,
            }
            recording {
                traces_never_repeat_in_parallel_or_after_restarts,
                each_provider_has_traces_of_its_own,
                evidence_is_found_by_its_own_contract_alone,
                the_same_evidence_may_come_again_and_other_evidence_may_not,
            }
            linking {
                a_link_of_either_model_reads_back,
                contracts_never_see_each_others_links,
                a_pending_link_is_activated_once,
                of_a_cards_pending_links_in_one_contract_one_becomes_active,
                unconfirmed_links_expire_with_their_routes,
                rolling_back_takes_the_link_and_its_route,
                an_active_link_is_neither_rolled_back_nor_expired,
                a_link_of_another_model_or_contract_is_refused,
                of_confirming_and_rolling_back_at_once_one_wins,
                links_survive_a_restart,
            }
            intending {
                an_intent_of_either_model_reads_back,
                an_intent_goes_through_its_stages,
                an_intent_is_consented_once_however_many_try,
                a_code_is_redeemed_once_however_many_try,
                an_intent_is_found_by_its_link_between_redeeming_and_closing,
                an_intent_closes_from_any_stage,
                an_intent_is_created_once,
                intents_survive_a_restart,
            }
            metering { look_ups_are_taken, }
            purging {
                a_consumed_ticket_is_forgotten_when_nobody_would_accept_it,
                a_tombstone_stands_for_seven_days,
                a_stored_answer_stands_for_seven_days,
                open_payments_and_unanswered_reversals_stay,
                intents_go_seven_days_after_their_end,
                a_purge_takes_more_than_one_batch,
            }
        }
    };
    (@all $factory:expr, $($module:ident { $($case:ident,)* })*) => {
        $(mod $module {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                if let Some(stores) = $factory {
                    crate::$module::$case(&stores).await;
                }
            })*
        })*
    };
}
pub(crate) use stamp;
