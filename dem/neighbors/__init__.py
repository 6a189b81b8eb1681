"""The neighbour list: which grains, and which elements of shapes, may touch before the next search.

Everything a step needs of it is made by `search.search_neighbors`, from the positions alone:

    search.py        sorts grains by (world, cell, id): the place of a grain in memory is its slot
    rows.py          for each slot, keys of all neighbours in increasing order
    contact_list.py  from the rows the list of contacts, each owned by its partner with the smaller id
    staleness.py     after each step: whether a grain has moved so far that a pair may be missing

A key names a partner: a grain's id, or `particle_count` plus the number of an element. Elements are what a shape is
made of, such as a plane, a rim, a grouser or a triangle; they are numbered through all shapes, from
`shape_first_element` on in each. `slot_of_id` finds a grain. The list lies in these arrays, N grains, G groups of rows:

    grid.row_begin (N + 1,)         by slot, where its row begins in row_key; row_capacity by id
    grid.row_key                    keys: smaller ids, larger ids, elements
    grid.row_length, row_own (N,)   number of keys, and of those that smaller ids own, which come first
    grid.first_partner, last_partner (G,)  range of slots that a group of rows touches, for dem/advance.py

    contacts.row_start (N + 1,)     by slot, where the contacts that a grain owns begin
    contacts.first, second, key     of each contact: slot of its owner; slot, or shape, of its partner; key of that
    contacts.incidence_start (N + 1,), incidence   by slot, contacts that smaller ids own, in the order of those ids
    contacts.element_start (N + 1,), element_contact   by id, contacts with elements, in the order that sums wrenches
    history                         key, row_start and memory of contacts before the search, from which it is handed on

    particles.position_at_search, extra_skin, unlisted_distance   where a grain was, how far it may move from there
    state.drift, drifted, mean_square_motion   of each world: velocity common to all, its path since, displacement
    state.stale, grid.shortage    FRESH, INCOMPLETE or the launch that found it stale; what was too small in the search

What is listed does not change any sum: rows are ordered by key, so a contact that does not touch adds nothing.
"""
