"""Donors, and donations whose numbers are never given twice."""

import threading
from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from tests.intake.makers import DAY, HONG_PHAT, a_donation_form, a_donor_form, devices
from tests.makers import AT, a_device, a_donation, a_donor, a_person
from tracker.db import engine_for
from tracker.intake import actions, queries
from tracker.intake.models import Donation
from tracker.intake.rules import FormWrong, MustReceive
from tracker.people.roles import Role
from tracker.refused import Missing, Refused


def test_the_numbers_of_a_year_follow_each_other(session, storekeeper):
    donor = a_donor(session)
    days = [DAY, date(2022, 1, 3), DAY]

    given = [
        actions.add_donation(session, a_donation_form(donor, day=day), by=storekeeper, at=AT) for day in days
    ]

    assert [queries.donation(session, one, to=storekeeper).number for one in given] == [
        "01/2021",
        "01/2022",
        "02/2021",
    ]


def test_twenty_people_at_once_get_twenty_numbers(session, database_url):
    people = [a_person(session, role=Role.STOREKEEPER) for _n in range(4)]
    donor = a_donor(session)
    session.commit()
    engine = engine_for(database_url)
    gate, broken = threading.Barrier(4), []

    def enter(by):
        gate.wait()
        try:
            for _n in range(5):
                with Session(engine) as own:
                    actions.add_donation(own, a_donation_form(donor), by=by, at=AT)
                    own.commit()
        except (Refused, SQLAlchemyError) as error:
            broken.append(error)

    threads = [threading.Thread(target=enter, args=(by,)) for by in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.dispose()

    assert broken == []
    assert sorted(session.scalars(select(Donation.seq))) == list(range(1, 21))


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.STOREKEEPER, Role.TECHNICIAN}))
def test_only_those_at_the_door_enter_donors_and_donations(session, role):
    by = a_person(session, role=role)

    with pytest.raises(MustReceive):
        actions.add_donor(session, a_donor_form(), by=by, at=AT)
    with pytest.raises(MustReceive):
        actions.add_donation(session, a_donation_form(a_donor(session)), by=by, at=AT)


def test_a_donor_of_the_same_name_is_asked_about_and_not_refused(session, storekeeper):
    actions.add_donor(session, a_donor_form(), by=storekeeper, at=AT)

    with pytest.raises(actions.DonorThere):
        actions.add_donor(session, a_donor_form("công ty tnhh HỒNG PHÁT thử"), by=storekeeper, at=AT)
    actions.add_donor(session, a_donor_form(), by=storekeeper, at=AT, another=True)

    assert len(queries.donors(session, HONG_PHAT, to=storekeeper)) == 2


@pytest.mark.parametrize("q", ["hong phat", "HỒNG PHÁT", "phát hồng", "tnhh thử"])
def test_donors_are_found_without_tones_and_capitals(session, storekeeper, q):
    actions.add_donor(session, a_donor_form(), by=storekeeper, at=AT)
    actions.add_donor(session, a_donor_form("Hội Khuyến học Thử", "agency"), by=storekeeper, at=AT)

    assert [row.name for row in queries.donors(session, q, to=storekeeper)] == [HONG_PHAT]


def test_donors_are_listed_page_by_page_without_a_gap(session, storekeeper):
    for n in range(queries.PAGE + 3):
        actions.add_donor(session, a_donor_form(f"Nhà tài trợ {n:03d}"), by=storekeeper, at=AT)

    first = queries.donors(session, "", to=storekeeper)[: queries.PAGE]
    second = queries.donors(session, "", to=storekeeper, after=(first[-1].search, first[-1].id))

    assert [row.name for row in first + second] == [f"Nhà tài trợ {n:03d}" for n in range(queries.PAGE + 3)]


def test_others_find_a_donor_by_name_but_not_the_particulars(session, storekeeper):
    donor = actions.add_donor(session, a_donor_form(phone="0300 000 000"), by=storekeeper, at=AT)
    other = a_person(session, role=Role.STOREKEEPER)
    actions.add_donation(session, a_donation_form(donor), by=storekeeper, at=AT)

    assert queries.donor(session, donor, to=storekeeper).phone == "0300 000 000"
    assert queries.donor(session, donor, to=a_person(session, role=Role.AUDITOR)).phone
    assert queries.donor_choices(session) == [(donor, HONG_PHAT)]
    [row] = queries.donors(session, "", to=other)
    assert not row.near
    assert row.donations == 0
    with pytest.raises(Missing):
        queries.donor(session, donor, to=other)
    with pytest.raises(Missing):
        actions.change_donor(session, donor, a_donor_form("Tên khác"), by=other)


def test_devices_are_found_by_the_corrected_name_of_their_donor(session, storekeeper):
    donor = a_donor(session, name="Cty Hong Phat")
    gift = a_donation(session, by=storekeeper, donor=donor)
    a_device(session)
    device = a_device_of(session, gift, storekeeper)

    actions.change_donor(session, donor, a_donor_form("Công ty Hồng Phát Mới"), by=storekeeper)

    found = {row.id: row.search for row in devices(session)}
    assert "cong ty hong phat moi" in found.pop(device)
    assert not any("hong phat" in search for search in found.values())


def a_device_of(session, gift, by):
    from tests.makers import ask
    from tracker.intake.forms import device_form

    form = device_form({"category": "laptop", "make": "Dell", "model": "5400"})
    return actions.receive(session, form, donation=gift, code=None, by=by, ask=ask())[0]


def test_a_donation_is_seen_by_who_received_it_and_by_those_who_see_everything(session, storekeeper):
    gift = a_donation(session, by=storekeeper)

    for role in (Role.COORDINATOR, Role.AUDITOR, Role.ADMIN):
        assert queries.donation(session, gift, to=a_person(session, role=role)).id == gift
    with pytest.raises(Missing):
        queries.donation(session, gift, to=a_person(session, role=Role.STOREKEEPER))
    with pytest.raises(Missing):
        queries.donation(session, gift, to=a_person(session, role=Role.AUDITOR), own=True)


def test_donations_are_found_by_number_and_by_donor(session, storekeeper):
    donors = [a_donor(session, name=name) for name in ("Hội Khuyến học Thử", HONG_PHAT)]
    for donor in donors:
        actions.add_donation(session, a_donation_form(donor), by=storekeeper, at=AT)

    for q in ("2/2021", "02/2021", "hong phat"):
        assert [gift.number for gift in queries.donations(session, q, to=storekeeper)] == ["02/2021"]
    assert len(queries.donations(session, "", to=storekeeper)) == 2


def test_a_corrected_donation_keeps_number_year_and_donor(session, storekeeper):
    donor = a_donor(session)
    gift = actions.add_donation(session, a_donation_form(donor), by=storekeeper, at=AT)

    actions.change_donation(session, gift, a_donation_form(donor, expected=9), by=storekeeper)
    for wrong in (a_donation_form(donor, day=date(2022, 1, 1)), a_donation_form(a_donor(session))):
        with pytest.raises(FormWrong):
            actions.change_donation(session, gift, wrong, by=storekeeper)

    kept = queries.donation(session, gift, to=storekeeper)
    assert (kept.number, kept.expected, kept.donor_id) == ("01/2021", 9, donor)
