//! The table of the vendor's codes: every code and message of its documents, as data.
//!
//! The documents contradict each other and their messages may be spelt otherwise in real replies (trap A17), so
//! a row is found by the telling words of its message, not by the message.

mod general;
mod gift_shop;
mod items;
mod send_614;

use parceld_domain::endpoint::Endpoint;
use parceld_domain::verdict::Hint;

/// One row of the vendor's documents.
#[derive(Debug)]
pub(crate) struct Row {
    /// Where it stands.
    pub(crate) documents: Documents,
    /// Whether it is a reply's code or that of an item in it.
    pub(crate) part: Part,
    /// The code.
    pub(crate) code: i64,
    /// The message as documented.
    pub(crate) message: &'static str,
    /// Phrases, normalised, of which one tells this row; parts separated by `…`.
    pub(crate) words: &'static [&'static str],
    /// Whether the row also stands for its code with a message that tells nothing.
    pub(crate) bare: bool,
    /// What it means.
    pub(crate) meaning: Meaning,
    /// What it suggests about earlier attempts.
    pub(crate) hint: Hint,
    /// The message in English.
    pub(crate) gloss: &'static str,
    /// What an operator should do.
    pub(crate) advice: &'static str,
}

/// The documents that list a row, and the endpoints that they describe.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Documents {
    pub(crate) name: &'static str,
    pub(crate) endpoints: &'static [Endpoint],
}

/// What of a reply bears the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// The envelope.
    Envelope,
    /// One item of `dy-ship-free`.
    Item,
}

/// What a documented answer means, before the endpoint's effect is weighed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Done.
    Success,
    /// Transient.
    Retryable,
    /// Only a changed job can cure it.
    Terminal,
    /// Nothing is wrong with the job.
    Blocked(Blocks),
    /// After a call with an effect it does not say what happened: look up. For a read it is terminal.
    LookUp,
}

/// What a block stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Blocks {
    /// Everything.
    Account,
    /// Payments.
    Balance,
    /// The shop that the call named.
    Shop,
    /// The endpoint that was called.
    Endpoint,
}

impl Meaning {
    /// The word for operators.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Meaning::Success => "success",
            Meaning::Retryable => "retryable",
            Meaning::Terminal => "terminal",
            Meaning::Blocked(_) => "blocked",
            Meaning::LookUp => "unknown",
        }
    }
}

impl Blocks {
    /// The word for operators.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Blocks::Account => "account",
            Blocks::Balance => "balance",
            Blocks::Shop => "shop",
            Blocks::Endpoint => "endpoint",
        }
    }
}

/// Every row, in the order of the documents.
pub(crate) fn all() -> impl Iterator<Item = &'static Row> + Clone {
    let tables: [&'static [Row]; 4] = [&general::ROWS, &gift_shop::ROWS, &send_614::ROWS, &items::ROWS];
    tables.into_iter().flatten()
}

/// The rows of a reply's code.
pub(crate) fn envelope(code: i64) -> impl Iterator<Item = &'static Row> + Clone {
    all().filter(move |row| row.code == code && row.part == Part::Envelope)
}

const EVERY: Documents = Documents {
    name: "all",
    endpoints: Endpoint::ALL,
};

const ERP: Documents = Documents {
    name: "ERP",
    endpoints: &[
        Endpoint::DyShipFree,
        Endpoint::Send,
        Endpoint::Detail,
        Endpoint::MpagingOrders,
    ],
};

const SHOP: Documents = Documents {
    name: "SHOP",
    endpoints: &[
        Endpoint::ListWarehouse,
        Endpoint::GetProductList,
        Endpoint::GetShopInfo,
        Endpoint::OrderCreate,
        Endpoint::SubmitPayment,
        Endpoint::GetOrderList,
        Endpoint::GetPackageList,
        Endpoint::GetPackageCancel,
        Endpoint::GetUserBalance,
    ],
};

const SUBMIT_PAYMENT: Documents = Documents {
    name: "SHOP submit-payment",
    endpoints: &[Endpoint::SubmitPayment],
};

const SEND_DETAIL: Documents = Documents {
    name: "SEND, DETAIL",
    endpoints: &[Endpoint::Send, Endpoint::Detail],
};

const SEND: Documents = Documents {
    name: "SEND",
    endpoints: &[Endpoint::Send],
};

const DETAIL: Documents = Documents {
    name: "DETAIL",
    endpoints: &[Endpoint::Detail],
};

const SHIP_DY: Documents = Documents {
    name: "SHIP-DY",
    endpoints: &[Endpoint::DyShipFree],
};

/// A row of an envelope's code that is told by the code alone.
const fn row(
    documents: Documents,
    code: i64,
    message: &'static str,
    meaning: Meaning,
    gloss: &'static str,
    advice: &'static str,
) -> Row {
    Row {
        documents,
        part: Part::Envelope,
        code,
        message,
        words: &[],
        bare: true,
        meaning,
        hint: Hint::None,
        gloss,
        advice,
    }
}

impl Row {
    /// Told by these words only.
    const fn told_by(mut self, words: &'static [&'static str]) -> Self {
        self.words = words;
        self.bare = false;
        self
    }

    /// Told by these words, and by the code alone where no other row's words tell.
    const fn told_by_or_bare(mut self, words: &'static [&'static str]) -> Self {
        self.words = words;
        self
    }

    const fn hinting(mut self, hint: Hint) -> Self {
        self.hint = hint;
        self
    }

    const fn of_item(mut self) -> Self {
        self.part = Part::Item;
        self
    }
}
