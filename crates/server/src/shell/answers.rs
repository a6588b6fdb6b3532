//! Reading the messages that a session answered with.

/// A message, as far as a shell is interested.
#[derive(Debug)]
pub(crate) enum Answer<'a> {
    /// Names and type OIDs of the columns that follow.
    Columns(Vec<(String, u32)>),
    /// A row in text form.
    Row(Vec<Option<String>>),
    /// Command tag.
    Complete(&'a str),
    /// An error or notice.
    Report(Report),
    /// The session is about to send COPY data.
    CopyOut,
    /// COPY data.
    CopyData(&'a [u8]),
    /// An asynchronous notification: sender, channel, payload.
    Notification(i32, &'a str, &'a str),
    /// Anything else.
    Other,
}

/// An error or notice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// `ERROR`, `NOTICE`, …
    pub severity: String,
    /// SQLSTATE.
    pub code: String,
    /// Message.
    pub message: String,
    /// Detail.
    pub detail: Option<String>,
    /// Hint.
    pub hint: Option<String>,
    /// Position in the statement, in characters from 1.
    pub position: Option<usize>,
    /// An inner query and the position in it.
    pub internal: Option<(String, Option<usize>)>,
    /// Context.
    pub context: Option<String>,
}

impl Report {
    /// Whether the statement failed.
    pub fn is_error(&self) -> bool {
        matches!(self.severity.as_str(), "ERROR" | "FATAL" | "PANIC")
    }
}

/// The messages in a buffer.
pub(crate) struct Answers<'a>(pub(crate) &'a [u8]);

impl<'a> Iterator for Answers<'a> {
    type Item = Answer<'a>;

    fn next(&mut self) -> Option<Answer<'a>> {
        let (&tag, rest) = self.0.split_first()?;
        let length = u32::from_be_bytes(*rest.first_chunk::<4>()?) as usize;
        let body = rest.get(4..length)?;
        self.0 = rest.get(length..)?;
        // The messages are our own, so one that cannot be read does not occur; it would be passed over.
        Some(decode(tag, body).unwrap_or(Answer::Other))
    }
}

fn decode(tag: u8, body: &[u8]) -> Option<Answer<'_>> {
    let mut reader = Reader(body);
    Some(match tag {
        b'T' => {
            let count = reader.number::<2>()?;
            let mut columns = Vec::new();
            for _ in 0..count {
                let name = reader.text()?.to_owned();
                reader.take(6)?;
                let oid = reader.number::<4>()?;
                reader.take(8)?;
                columns.push((name, oid));
            }
            Answer::Columns(columns)
        }
        b'D' => {
            let count = reader.number::<2>()?;
            let mut row = Vec::with_capacity(count as usize);
            for _ in 0..count {
                row.push(match reader.number::<4>()? {
                    u32::MAX => None,
                    length => Some(String::from_utf8_lossy(reader.take(length as usize)?).into_owned()),
                });
            }
            Answer::Row(row)
        }
        b'C' => Answer::Complete(reader.text()?),
        b'E' | b'N' => Answer::Report(report(&mut reader)?),
        b'H' => Answer::CopyOut,
        b'd' => Answer::CopyData(body),
        b'A' => Answer::Notification(reader.number::<4>()? as i32, reader.text()?, reader.text()?),
        _ => Answer::Other,
    })
}

fn report(reader: &mut Reader<'_>) -> Option<Report> {
    let mut report = Report::default();
    loop {
        let field = *reader.take(1)?.first()?;
        if field == 0 {
            return Some(report);
        }
        let text = reader.text()?;
        match field {
            b'S' => report.severity = text.to_owned(),
            b'C' => report.code = text.to_owned(),
            b'M' => report.message = text.to_owned(),
            b'D' => report.detail = Some(text.to_owned()),
            b'H' => report.hint = Some(text.to_owned()),
            b'P' => report.position = text.parse().ok(),
            b'W' => report.context = Some(text.to_owned()),
            b'p' => report.internal.get_or_insert_default().1 = text.parse().ok(),
            b'q' => report.internal.get_or_insert_default().0 = text.to_owned(),
            _ => {}
        }
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn number<const N: usize>(&mut self) -> Option<u32> {
        Some(self.take(N)?.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)))
    }

    fn text(&mut self) -> Option<&'a str> {
        let end = self.0.iter().position(|byte| *byte == 0)?;
        let text = self.take(end)?;
        self.take(1)?;
        std::str::from_utf8(text).ok()
    }
}
