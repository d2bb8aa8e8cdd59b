"""Who gets through at every address: one line each. A new address fails until it is here.

``"face:name": at(GET, POST)`` says who is let in by each method, whatever they find there; what
is left out is not answered. The sets are written out and not taken from
``people.permissions``: a change there alone makes the tests fail.
"""

from __future__ import annotations

from dataclasses import dataclass

from lamppost.people.choices import Role as R

NOBODY = "nobody"
STRANGER = "stranger"
Who = frozenset[str]


@dataclass(frozen=True)
class At:
    """Who is let in at one address; None where the method is not answered."""

    get: Who | None = None
    post: Who | None = None

    @property
    def is_open(self) -> bool:
        """Whether everybody is let in by every method that is answered."""
        return {self.get, self.post} <= {None, ALL}


def at(get: Who | None = None, post: Who | None = None) -> At:
    """Return the line of one address."""
    return At(get, post)


def _of(*roles: R) -> Who:
    return frozenset(role.value for role in roles)


SIGNED_IN: Who = frozenset({*(role.value for role in R), STRANGER})
ALL: Who = SIGNED_IN | {NOBODY}
# A program with its key, never a person.
KEYS: Who = frozenset()
DESK = _of(R.AGENT, R.SUPERVISOR, R.WORKER, R.MANAGER, R.DIRECTOR, R.ADMIN)
CENTER = _of(R.AGENT, R.SUPERVISOR, R.ADMIN)
WORK = _of(R.SUPERVISOR, R.WORKER, R.MANAGER, R.ADMIN)
FIGURES = _of(R.SUPERVISOR, R.MANAGER, R.DIRECTOR, R.ADMIN)
DECIDE = _of(R.SUPERVISOR, R.DIRECTOR, R.ADMIN)
# A stat meeting is the whole city's: a department's manager comes, and does not hold it.
MEETINGS = _of(R.SUPERVISOR, R.DIRECTOR, R.ADMIN)
RULES = _of(R.SUPERVISOR, R.DIRECTOR, R.ADMIN)
LOG = _of(R.AGENT, R.SUPERVISOR, R.MANAGER, R.DIRECTOR, R.ADMIN)
TEAMS = _of(R.SUPERVISOR, R.MANAGER, R.ADMIN)
# Who writes articles, and who also signs them (the director only signs).
WRITERS = _of(R.SUPERVISOR, R.MANAGER, R.EDITOR, R.ADMIN)
ARTICLES = WRITERS | _of(R.DIRECTOR)
DESK_AND_EDITORS = DESK | _of(R.EDITOR)
# Who reads contacts of every department; and who reads those of cases.
CARDS = CENTER | _of(R.DIRECTOR)
READS_CONTACTS = CENTER | _of(R.WORKER, R.MANAGER)
DIRECTION = _of(R.DIRECTOR, R.ADMIN)
ADMIN = _of(R.ADMIN)
# Roles with a department of their own whose queue there is to take from.
OWN_QUEUE = _of(R.WORKER, R.MANAGER)

TABLE: dict[str, At] = {
    "operations:healthz": at(ALL),
    "operations:readyz": at(ALL),
    "operations:metrics": at(ALL),
    "theme:city_stylesheet": at(ALL),
    "open311:open311": at(ALL, ALL),
    "api:openapi-json": at(ALL, ALL),
    "api:list_services": at(ALL),
    "api:get_form": at(ALL),
    "api:list_cases": at(ALL, KEYS),
    "api:file_case": at(ALL, KEYS),
    "api:get_case": at(ALL),
    "api:preview_triage": at(None, ALL),
    "api:nothing_here": at(ALL, ALL),
    "hooks:partner": at(None, KEYS),
    "channels:email": at(None, KEYS),
    "channels:sms": at(None, KEYS),
    "channels:sms_sent": at(None, KEYS),
    "channels:voice": at(None, KEYS),
    "channels:voice_begin": at(None, KEYS),
    "channels:voice_language": at(None, KEYS),
    "channels:voice_menu": at(None, KEYS),
    "channels:voice_choice": at(None, KEYS),
    "channels:voice_next": at(None, KEYS),
    "channels:voice_status": at(None, KEYS),
    "channels:voice_number": at(None, KEYS),
    "channels:voice_answers": at(None, KEYS),
    "channels:voice_answer": at(None, KEYS),
    "channels:voice_agent": at(None, KEYS),
    "channels:voice_wait": at(None, KEYS),
    "channels:voice_callback": at(None, KEYS),
    "channels:voice_left": at(None, KEYS),
    "channels:voice_mynumber": at(None, KEYS),
    "channels:voice_ended": at(None, KEYS),
    "demo:mail": at(ALL, ALL),
    "demo:sms": at(ALL, ALL),
    "demo:voice": at(ALL),
    "demo:voice_act": at(None, ALL),
    "desk:queue": at(DESK),
    "desk:mine": at(DESK),
    "desk:search": at(DESK, DESK),
    "desk:new": at(CENTER, CENTER),
    "desk:bulk": at(None, WORK),
    "desk:transfers": at(DESK),
    "desk:decide": at(None, DESK),
    "desk:case": at(DESK),
    "desk:act": at(None, DESK),
    "desk:tools": at(DESK),
    "desk:agreements": at(DESK),
    "desk:proposal": at(DESK),
    "desk:proposal_edit": at(DESK, DESK),
    "desk:proposal_act": at(None, DESK),
    "desk:agreement": at(DESK),
    "desk:proposal_new": at(FIGURES, FIGURES),
    "desk:waivers": at(DESK),
    "desk:mail": at(CENTER),
    "desk:mail_log": at(CENTER),
    "desk:mail_one": at(CENTER),
    "desk:mail_answer": at(None, CENTER),
    "desk:mail_act": at(None, CENTER),
    "desk:mail_original": at(CENTER),
    "desk:mail_part": at(CENTER),
    "desk:measures": at(FIGURES),
    "desk:reviews": at(FIGURES),
    "desk:reviews_held": at(FIGURES),
    "desk:review_calendar": at(FIGURES, FIGURES),
    "desk:participation": at(FIGURES),
    "desk:review_subject": at(DESK, DESK),
    "desk:review_action": at(None, DESK),
    "desk:review": at(DESK),
    "desk:review_act": at(None, DESK),
    "desk:stat": at(FIGURES, MEETINGS),
    "desk:stat_pack": at(FIGURES, MEETINGS),
    "desk:stat_pdf": at(FIGURES),
    "desk:routing": at(RULES),
    "desk:routing_begin": at(None, RULES),
    "desk:routing_bench": at(RULES),
    "desk:routing_alarms": at(RULES),
    "desk:routing_acknowledge": at(None, RULES),
    "desk:routing_suggestions": at(RULES),
    "desk:routing_suggestion": at(None, DESK),
    "desk:routing_set": at(RULES),
    "desk:routing_discard": at(None, RULES),
    "desk:routing_trial": at(RULES, RULES),
    "desk:routing_activate": at(DIRECTION, DIRECTION),
    "desk:routing_new": at(RULES, RULES),
    "desk:routing_rule": at(RULES, RULES),
    "desk:routing_step": at(None, RULES),
    "desk:messages": at(LOG),
    "desk:message_words": at(LOG),
    "desk:message": at(LOG, LOG),
    "desk:work": at(DESK),
    "desk:work_item": at(DESK),
    "desk:work_act": at(None, DESK),
    "desk:work_new": at(WORK, WORK),
    "desk:work_prepared": at(None, WORK),
    "desk:work_macro": at(None, DESK),
    "desk:inspections": at(DESK),
    "desk:inspection_round": at(DESK),
    "desk:plan_inspections": at(None, WORK),
    "desk:cancel_inspection": at(None, DESK),
    "desk:partner_links": at(DESK, DESK),
    "desk:change_partner_link": at(None, DESK),
    "desk:completions": at(DESK),
    "desk:decide_completion": at(None, DESK),
    "desk:gateways": at(ADMIN),
    "desk:gateway_new": at(ADMIN, ADMIN),
    "desk:gateway": at(ADMIN, ADMIN),
    "desk:gateway_switch": at(None, ADMIN),
    "desk:partners": at(DESK),
    "desk:partner_new": at(ADMIN, ADMIN),
    "desk:partner": at(DESK),
    "desk:partner_act": at(None, DESK),
    "desk:partner_deliveries": at(DESK),
    "desk:partner_delivery": at(DESK),
    "desk:partner_delivery_act": at(None, DESK),
    "desk:partner_inbound": at(DESK),
    "desk:partner_settle": at(None, DESK),
    "desk:partner_runs": at(DESK),
    "desk:partner_run": at(DESK),
    "desk:partner_run_csv": at(DESK),
    "desk:partner_again": at(None, DESK),
    "desk:redress": at(DECIDE),
    "desk:redress_for": at(None, CENTER),
    "desk:redress_one": at(DECIDE),
    "desk:redress_decide": at(None, DECIDE),
    "desk:quality": at(DECIDE),
    "desk:quality_figures": at(FIGURES),
    "desk:quality_one": at(DECIDE, DECIDE),
    "desk:audit": at(DIRECTION),
    "desk:roles": at(DESK),
    "desk:contacts": at(CARDS, CARDS),
    "desk:contact": at(CARDS),
    "desk:contact_act": at(None, CENTER),
    "desk:contact_export": at(None, DECIDE),
    "desk:words": at(READS_CONTACTS, READS_CONTACTS),
    "desk:retention": at(DECIDE),
    "desk:take_next": at(None, OWN_QUEUE),
    "desk:teams": at(TEAMS),
    "desk:team_new": at(TEAMS, TEAMS),
    "desk:team": at(DESK, DESK),
    "desk:views": at(DESK),
    "desk:view_save": at(DESK, DESK),
    "desk:view_change": at(None, DESK),
    "desk:absences": at(DESK, DESK),
    "desk:hand_over": at(None, TEAMS - {R.SUPERVISOR.value}),
    "desk:absence_end": at(None, DESK),
    "desk:notices": at(DESK_AND_EDITORS),
    "desk:notices_read": at(None, DESK_AND_EDITORS),
    "desk:notices_mail": at(None, DESK_AND_EDITORS),
    "desk:knowledge": at(ARTICLES),
    "desk:knowledge_new": at(WRITERS, WRITERS),
    "desk:knowledge_gap": at(None, WRITERS),
    "desk:knowledge_article": at(ARTICLES),
    "desk:knowledge_edit": at(ARTICLES, ARTICLES),
    "desk:knowledge_version": at(ARTICLES),
    "desk:knowledge_act": at(None, ARTICLES),
    "desk:overdue": at(DESK),
    "desk:take_back": at(None, DESK),
    "desk:maturity": at(FIGURES),
    "desk:onboarding": at(FIGURES),
    "desk:onboarding_department": at(FIGURES, FIGURES),
    "desk:wording": at(TEAMS),
    # Sent without a department, the wording would be the whole city's.
    "desk:wording_new": at(TEAMS, _of(R.SUPERVISOR, R.ADMIN)),
    "desk:wording_edit": at(TEAMS, TEAMS),
    "desk:sign_in": at(ALL, ALL),
    "desk:sign_out": at(None, ALL),
    "desk:password": at(SIGNED_IN, SIGNED_IN),
    "console:home": at(CENTER),
    "console:search": at(CENTER, CENTER),
    "console:line": at(CENTER),
    "console:begin": at(None, CENTER),
    "console:take": at(None, CENTER),
    "console:state": at(None, CENTER),
    "console:step": at(None, CENTER),
    "console:service": at(CENTER, CENTER),
    "console:answer": at(CENTER),
    "console:case": at(CENTER),
    "console:case_step": at(None, CENTER),
    "console:pass_on": at(CENTER, CENTER),
    "console:emergency": at(CENTER, CENTER),
    "console:promise": at(CENTER, CENTER),
    "console:call_backs": at(CENTER),
    "console:call_back_step": at(None, CENTER),
    "console:mine": at(CENTER),
    "console:code_one": at(None, CENTER),
    "console:interactions": at(DECIDE),
    "console:board": at(DECIDE),
    "console:figures": at(DECIDE),
    "console:figures_download": at(DECIDE),
    "console:staffing": at(DECIDE, DECIDE),
    "console:quality": at(DECIDE),
    "console:quality_mine": at(CENTER, CENTER),
    "console:quality_look": at(DECIDE, DECIDE),
    "console:surge": at(DESK, DECIDE),
    "console:costs": at(DECIDE, DIRECTION),
    "field:round": at(WORK),
    "field:start_here": at(None, WORK),
    "field:inspection": at(WORK, WORK),
    "field:session": at(WORK),
    "field:offline": at(ALL),
    "field:worker": at(ALL),
    "field:partner": at(ALL, ALL),
    "portal:home": at(ALL),
    "portal:report": at(ALL),
    "portal:report_continue": at(ALL),
    "portal:report_service": at(ALL),
    "portal:report_details": at(ALL, ALL),
    "portal:report_stopped": at(ALL),
    "portal:report_photos": at(ALL, ALL),
    "portal:report_remove_photo": at(None, ALL),
    "portal:report_where": at(ALL, ALL),
    "portal:report_similar": at(ALL, ALL),
    "portal:report_contact": at(ALL, ALL),
    "portal:report_review": at(ALL, ALL),
    "portal:report_done": at(ALL),
    "portal:report_safe": at(None, ALL),
    "portal:report_forget": at(None, ALL),
    "portal:answers": at(ALL),
    "portal:answers_feed": at(ALL),
    "portal:topic": at(ALL),
    "portal:answer": at(ALL),
    "portal:helped": at(None, ALL),
    "portal:directory": at(ALL),
    "portal:requests": at(ALL),
    "portal:points": at(ALL),
    "portal:feed": at(ALL),
    "portal:find": at(ALL),
    "portal:request_feed": at(ALL),
    "portal:request": at(ALL),
    "portal:me_too": at(ALL, ALL),
    "portal:follow": at(ALL, ALL),
    "portal:own_data": at(ALL, ALL),
    "portal:own_data_proven": at(ALL, ALL),
    "portal:map": at(ALL),
    "portal:outbox": at(ALL),
    "portal:subscribe": at(ALL, ALL),
    "portal:push_worker": at(ALL),
    "portal:asked": at(ALL),
    "portal:short_case": at(ALL),
    "portal:survey": at(ALL, ALL),
    "portal:confirm": at(ALL, ALL),
    "portal:messages": at(ALL, ALL),
    "portal:one_click": at(ALL, ALL),
    "portal:one_click_all": at(ALL, ALL),
    "portal:areas": at(ALL),
    "portal:streets": at(ALL),
    "portal:basemap": at(ALL),
    "portal:near": at(ALL),
    "portal:photo": at(ALL),
    "portal:suggest": at(ALL),
    "portal:agreements": at(ALL),
    "portal:agreement": at(ALL),
    "portal:language": at(ALL, ALL),
    "portal:about": at(ALL),
    "portal:privacy": at(ALL),
    "portal:accessibility": at(ALL),
    "portal:robots": at(ALL),
    "portal:sitemap": at(ALL),
}
# Class-based or generated views that answer more methods than they need, without effect.
ANSWER_ANY = {"open311:open311", "api:openapi-json", "api:nothing_here"}
ANSWER_OPTIONS = {"desk:sign_in", "desk:sign_out"}
