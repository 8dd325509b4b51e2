"""What is done when the table is not as it was read."""

import errno

import pytest

from monlvs.director.changes import (
    AddServer,
    AddService,
    DeleteServer,
    DeleteService,
    SetServer,
    SetService,
)
from monlvs.director.remedy import remedy, settle
from tests.director.worlds import VIP, WEB, rs, stands

ADD = AddServer(parent=WEB, entry=stands(1))
SET = SetServer(parent=WEB, entry=stands(1))
ADD_SERVICE, SET_SERVICE = AddService(service=WEB), SetService(service=WEB)
DELETE, DELETE_SERVICE = DeleteServer(key=VIP, server=rs(1)), DeleteService(key=VIP)


@pytest.mark.parametrize(
    ("change", "code", "instead"),
    [
        (ADD_SERVICE, errno.EEXIST, (SET_SERVICE,)),
        (SET_SERVICE, errno.ESRCH, (ADD_SERVICE,)),
        (ADD, errno.EEXIST, (SET,)),
        (ADD, errno.ESRCH, (ADD_SERVICE, ADD)),
        (SET, errno.ENOENT, (ADD,)),
        (SET, errno.ESRCH, (ADD_SERVICE, SET)),
        (DELETE, errno.ENOENT, ()),
        (DELETE, errno.ESRCH, ()),
        (DELETE_SERVICE, errno.ESRCH, ()),
        (ADD_SERVICE, errno.ENOENT, None),
        (ADD, errno.EINVAL, None),
    ],
)
def test_each_error_has_its_remedy(change, code, instead):
    assert remedy(change, code) == instead


def test_servers_of_a_refused_service_are_refused_without_end():
    def send(batch):
        return [
            errno.ENOENT if isinstance(each, AddService) else errno.ESRCH
            for each in batch
        ]

    refusals = settle([ADD_SERVICE, ADD], send)
    assert [(each.change, each.code) for each in refusals] == [
        (ADD_SERVICE, errno.ENOENT),
        (ADD, errno.ESRCH),
    ]
    assert [each.text for each in refusals] == [
        "no such scheduler or persistence engine",
        "no such virtual service",
    ]


def test_a_table_that_never_agrees_is_given_up_on():
    def send(batch):
        return [
            errno.EEXIST if isinstance(each, AddServer) else errno.ENOENT
            for each in batch
        ]

    assert [refusal.code for refusal in settle([ADD], send)] == [errno.EBUSY]
