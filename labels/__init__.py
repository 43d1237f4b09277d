"""Paper: plain values in, PDF bytes out. Knows no Flask, no database, no clock. Lengths are millimetres.

Labels: `labels.sheets.sheet([labels.job.Label(code=, url=, make_model=, donation=)], stock="L7160", dpi=203)`.
Stock is a name of `labels.stock.known()` or a `labels.stock.Stock` of one's own; what a label shows is a design of
`labels.designs`, and where a job begins on its sheet a `labels.job.Placing`.

Proof before print: `labels.proof.proved(labels.sheets.prepared(...))` returns the same PDF and how many of its labels
were read back. For label printers `labels.thermal.bitmaps` paints it, and `labels.tspl` and `labels.zpl` say it.

Records, in the layout of Decree 30/2020/NĐ-CP: `labels.press.Press(templates)` with `handover_record(values)` and
`donation_receipt(values)`; the values are in `labels.records`. Keep one `Press` a process.

Codes alone: `labels.codes` (QR of a capital-letter address or of any text, Code 128).
Numbers in Vietnamese words: `labels.words.in_words`.

Everything that is refused is a `labels.refusals.PaperRefused`, whose English `sentence` and `values` the caller
translates. Nothing is ever fetched while a paper is made. Threads may call all of it; one at a time is drawn.
"""
