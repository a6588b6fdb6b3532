//! The states of the parser and their rules. Of a state's rules the first that matches counts.

use super::class::Test;
use super::token::TokenType;

/// What a rule does with the stack of positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Move {
    /// Nothing: go on with the next character.
    Step,
    /// Remember this position and go on with a copy.
    Push,
    /// Back to the position remembered last, and its next rule.
    Pop,
    /// Forget the position remembered last.
    Clear,
    /// Forget all.
    ClearAll,
    /// Back to the state remembered last, but at this position.
    Merge,
}

/// What else a rule does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Special {
    None,
    /// The token's text is cut again, into its parts.
    Back,
    /// Likewise; the first part is a host.
    BackToHost,
    /// The token is read again from its beginning: versions have no sign.
    Restart,
    /// Notes where scripts begin and end.
    Tag,
}

/// One rule of a state.
#[derive(Debug)]
pub(super) struct Rule {
    pub test: Test,
    pub action: Move,
    /// The new state, if another.
    pub to: Option<State>,
    /// The token that ends here.
    pub emit: Option<TokenType>,
    pub special: Special,
    /// Look at the same character again.
    pub again: bool,
}

const fn rule(test: Test, action: Move, to: Option<State>) -> Rule {
    Rule { test, action, to, emit: None, special: Special::None, again: false }
}

const fn stay(test: Test) -> Rule {
    rule(test, Move::Step, None)
}

const fn step(test: Test, to: State) -> Rule {
    rule(test, Move::Step, Some(to))
}

const fn push(test: Test, to: State) -> Rule {
    rule(test, Move::Push, Some(to))
}

const fn clear(test: Test, to: State) -> Rule {
    rule(test, Move::Clear, Some(to))
}

const fn pop(test: Test) -> Rule {
    rule(test, Move::Pop, None)
}

const fn again(test: Test, to: State) -> Rule {
    Rule { again: true, ..step(test, to) }
}

const fn tag(rule: Rule) -> Rule {
    Rule { special: Special::Tag, ..rule }
}

/// A token ends before this character.
const fn found(test: Test, token: TokenType) -> Rule {
    Rule { emit: Some(token), ..step(test, State::Base) }
}

const fn found_then(test: Test, token: TokenType, to: State) -> Rule {
    Rule { emit: Some(token), ..step(test, to) }
}

/// A token ends before this character, and positions remembered within it are forgotten.
const fn sure(test: Test, token: TokenType) -> Rule {
    sure_then(test, token, State::Base)
}

const fn sure_then(test: Test, token: TokenType, to: State) -> Rule {
    Rule { emit: Some(token), ..rule(test, Move::ClearAll, Some(to)) }
}

const fn clear_found(test: Test, token: TokenType, to: State) -> Rule {
    Rule { emit: Some(token), ..clear(test, to) }
}

/// A hyphenated word ends before this character; its parts follow.
const fn hyphenated(test: Test, token: TokenType) -> Rule {
    Rule { special: Special::Back, ..sure_then(test, token, State::InParseHyphen) }
}

macro_rules! states {
    ($($state:ident: [$($rule:expr),* $(,)?];)*) => {
        /// Where the parser is within a token.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum State {
            $($state,)*
        }

        impl State {
            /// Its rules.
            pub fn rules(self) -> &'static [Rule] {
                match self {
                    $(State::$state => { const RULES: &[Rule] = &[$($rule),*]; RULES })*
                }
            }
        }
    };
}

use State::*;
use Test::*;
use TokenType as T;

states! {
    Base: [
        stay(End), push(Char(b'<'), InTagFirst), step(Ignored, InSpace), step(AsciiLetter, InAsciiWord),
        step(Alpha, InWord), step(Digit, InUnsignedInt), push(Char(b'-'), InSignedIntFirst),
        push(Char(b'+'), InSignedIntFirst), push(Char(b'&'), InEntityFirst), push(Char(b'~'), InFileTilde),
        push(Char(b'/'), InFileFirst), push(Char(b'.'), InPathFirstFirst), step(Any, InSpace),
    ];
    InNumWord: [
        found(End, T::NumWord), stay(Alnum), stay(Special), push(Char(b'@'), InEmail),
        push(Char(b'/'), InFileFirst), push(Char(b'.'), InFileNext),
        push(Char(b'-'), InHyphenNumWordFirst), found(Any, T::NumWord),
    ];
    InAsciiWord: [
        found(End, T::AsciiWord), stay(AsciiLetter), push(Char(b'.'), InHostFirstDomain),
        push(Char(b'.'), InFileNext), push(Char(b'-'), InHostFirstAn),
        push(Char(b'-'), InHyphenAsciiWordFirst), push(Char(b'_'), InHostFirstAn),
        push(Char(b'@'), InEmail), push(Char(b':'), InProtocolFirst), push(Char(b'/'), InFileFirst),
        push(Digit, InHost), step(Digit, InNumWord), step(Alpha, InWord), step(Special, InWord),
        found(Any, T::AsciiWord),
    ];
    InWord: [
        found(End, T::Word), stay(Alpha), stay(Special), step(Digit, InNumWord),
        push(Char(b'-'), InHyphenWordFirst), found(Any, T::Word),
    ];
    InUnsignedInt: [
        found(End, T::UnsignedInt), stay(Digit), push(Char(b'.'), InHostFirstDomain),
        push(Char(b'.'), InUDecimalFirst), push(Char(b'e'), InExponentFirst),
        push(Char(b'E'), InExponentFirst), push(Char(b'-'), InHostFirstAn),
        push(Char(b'_'), InHostFirstAn), push(Char(b'@'), InEmail), push(AsciiLetter, InHost),
        step(Alpha, InNumWord), step(Special, InNumWord), push(Char(b'/'), InFileFirst),
        found(Any, T::UnsignedInt),
    ];
    InSignedIntFirst: [pop(End), clear(Digit, InSignedInt), pop(Any)];
    InSignedInt: [
        found(End, T::SignedInt), stay(Digit), push(Char(b'.'), InDecimalFirst),
        push(Char(b'e'), InExponentFirst), push(Char(b'E'), InExponentFirst), found(Any, T::SignedInt),
    ];
    InSpace: [
        found(End, T::Space), found(Char(b'<'), T::Space), stay(Ignored), found(Char(b'-'), T::Space),
        found(Char(b'+'), T::Space), found(Char(b'&'), T::Space), found(Char(b'/'), T::Space),
        stay(NotAlnum), found(Any, T::Space),
    ];
    InUDecimalFirst: [pop(End), clear(Digit, InUDecimal), pop(Any)];
    InUDecimal: [
        found(End, T::Decimal), stay(Digit), push(Char(b'.'), InVersionFirst),
        push(Char(b'e'), InExponentFirst), push(Char(b'E'), InExponentFirst), found(Any, T::Decimal),
    ];
    InDecimalFirst: [pop(End), clear(Digit, InDecimal), pop(Any)];
    InDecimal: [
        found(End, T::Decimal), stay(Digit), push(Char(b'.'), InSignedVersion),
        push(Char(b'e'), InExponentFirst), push(Char(b'E'), InExponentFirst), found(Any, T::Decimal),
    ];
    InSignedVersion: [pop(End), Rule { special: Special::Restart, ..clear(Digit, InSign) }, pop(Any)];
    InSign: [pop(End), sure_then(Digit, T::Space, InUnsignedInt), stay(Any)];
    InVersionFirst: [pop(End), clear(Digit, InVersion), pop(Any)];
    InVersion: [
        found(End, T::Version), stay(Digit), push(Char(b'.'), InVersionFirst), found(Any, T::Version),
    ];
    InExponentFirst: [
        pop(End), clear(Digit, InExponent), step(Char(b'+'), InExponentSign),
        step(Char(b'-'), InExponentSign), pop(Any),
    ];
    InExponentSign: [pop(End), clear(Digit, InExponent), pop(Any)];
    InExponent: [found(End, T::Scientific), stay(Digit), found(Any, T::Scientific)];
    InEntityFirst: [
        pop(End), step(Char(b'#'), InEntityNumFirst), step(AsciiLetter, InEntity),
        step(Char(b':'), InEntity), step(Char(b'_'), InEntity), pop(Any),
    ];
    InEntity: [
        pop(End), stay(Alnum), stay(Char(b':')), stay(Char(b'_')), stay(Char(b'.')), stay(Char(b'-')),
        step(Char(b';'), InEntityEnd), pop(Any),
    ];
    InEntityNumFirst: [
        pop(End), step(Char(b'x'), InEntityHexFirst), step(Char(b'X'), InEntityHexFirst),
        step(Digit, InEntityNum), pop(Any),
    ];
    InEntityNum: [pop(End), stay(Digit), step(Char(b';'), InEntityEnd), pop(Any)];
    InEntityHexFirst: [pop(End), step(Hex, InEntityHex), pop(Any)];
    InEntityHex: [pop(End), stay(Hex), step(Char(b';'), InEntityEnd), pop(Any)];
    InEntityEnd: [clear_found(Any, T::Entity, Base)];
    InTagFirst: [
        pop(End), push(Char(b'/'), InTagCloseFirst), push(Char(b'!'), InCommentFirst),
        push(Char(b'?'), InXmlBegin), push(AsciiLetter, InTagName), push(Char(b':'), InTagName),
        push(Char(b'_'), InTagName), pop(Any),
    ];
    InXmlBegin: [pop(End), step(Char(b'x'), InTag), step(Char(b'X'), InTag), pop(Any)];
    InTagCloseFirst: [
        pop(End), step(AsciiLetter, InTagName), step(Char(b':'), InTagName), step(Char(b'_'), InTagName),
        pop(Any),
    ];
    InTagName: [
        pop(End), step(Char(b'/'), InTagBeginEnd), tag(step(Char(b'>'), InTagEnd)),
        tag(step(Space, InTag)), stay(Alnum), stay(Char(b':')), stay(Char(b'_')), stay(Char(b'.')),
        stay(Char(b'-')), pop(Any),
    ];
    InTagBeginEnd: [pop(End), step(Char(b'>'), InTagEnd), pop(Any)];
    InTag: [
        pop(End), tag(step(Char(b'>'), InTagEnd)), step(Char(b'\''), InTagQuoted),
        step(Char(b'"'), InTagDoubleQuoted), stay(AsciiLetter), stay(Digit), stay(Char(b'=')),
        stay(Char(b'-')), stay(Char(b'_')), stay(Char(b'#')), stay(Char(b'/')), stay(Char(b':')),
        stay(Char(b'.')), stay(Char(b'&')), stay(Char(b'?')), stay(Char(b'%')), stay(Char(b'~')),
        tag(stay(Space)), pop(Any),
    ];
    InTagQuoted: [pop(End), push(Char(b'\\'), InTagEscaped), step(Char(b'\''), InTag), stay(Any)];
    InTagDoubleQuoted: [pop(End), push(Char(b'\\'), InTagEscaped), step(Char(b'"'), InTag), stay(Any)];
    InTagEscaped: [pop(End), rule(Any, Move::Merge, None)];
    InTagEnd: [sure(Any, T::Tag)];
    InCommentFirst: [
        pop(End), step(Char(b'-'), InCommentLast), step(Char(b'D'), InTag), step(Char(b'd'), InTag), pop(Any),
    ];
    InCommentLast: [pop(End), step(Char(b'-'), InComment), pop(Any)];
    InComment: [pop(End), step(Char(b'-'), InCloseCommentFirst), stay(Any)];
    InCloseCommentFirst: [pop(End), step(Char(b'-'), InCloseCommentLast), step(Any, InComment)];
    InCloseCommentLast: [
        pop(End), stay(Char(b'-')), step(Char(b'>'), InCommentEnd), step(Any, InComment),
    ];
    InCommentEnd: [sure(Any, T::Tag)];
    InHostFirstDomain: [pop(End), step(AsciiLetter, InHostDomainSecond), step(Digit, InHost), pop(Any)];
    InHostDomainSecond: [
        pop(End), step(AsciiLetter, InHostDomain), push(Digit, InHost), push(Char(b'-'), InHostFirstAn),
        push(Char(b'_'), InHostFirstAn), push(Char(b'.'), InHostFirstDomain), push(Char(b'@'), InEmail),
        pop(Any),
    ];
    InHostDomain: [
        sure(End, T::Host), stay(AsciiLetter), push(Digit, InHost), push(Char(b':'), InPortFirst),
        push(Char(b'-'), InHostFirstAn), push(Char(b'_'), InHostFirstAn),
        push(Char(b'.'), InHostFirstDomain), push(Char(b'@'), InEmail), pop(Digit),
        sure_then(StopHost, T::Host, InUrlPathStart), push(Char(b'/'), InFUrl), sure(Any, T::Host),
    ];
    InPortFirst: [pop(End), step(Digit, InPort), pop(Any)];
    InPort: [
        sure(End, T::Host), stay(Digit), sure_then(StopHost, T::Host, InUrlPathStart),
        push(Char(b'/'), InFUrl), sure(Any, T::Host),
    ];
    InHostFirstAn: [pop(End), step(Digit, InHost), step(AsciiLetter, InHost), pop(Any)];
    InHost: [
        pop(End), stay(Digit), stay(AsciiLetter), push(Char(b'@'), InEmail),
        push(Char(b'.'), InHostFirstDomain), push(Char(b'-'), InHostFirstAn),
        push(Char(b'_'), InHostFirstAn), pop(Any),
    ];
    InEmail: [pop(StopHost), sure(Host, T::Email), pop(Any)];
    InFileFirst: [
        pop(End), step(AsciiLetter, InFile), step(Digit, InFile), step(Char(b'.'), InPathFirst),
        step(Char(b'_'), InFile), step(Char(b'~'), InFileTilde), pop(Any),
    ];
    InFileTilde: [
        pop(End), step(AsciiLetter, InFile), step(Digit, InFile), step(Char(b'_'), InFile),
        step(Char(b'/'), InFileFirst), pop(Any),
    ];
    InPathFirst: [
        pop(End), step(AsciiLetter, InFile), step(Digit, InFile), step(Char(b'_'), InFile),
        step(Char(b'.'), InPathSecond), step(Char(b'/'), InFileFirst), pop(Any),
    ];
    InPathFirstFirst: [pop(End), step(Char(b'.'), InPathSecond), step(Char(b'/'), InFileFirst), pop(Any)];
    InPathSecond: [
        clear_found(End, T::FilePath, Base), push(Char(b'/'), InFileFirst),
        clear_found(Char(b'/'), T::FilePath, Base), clear_found(Space, T::FilePath, Base), pop(Any),
    ];
    InFile: [
        found(End, T::FilePath), stay(AsciiLetter), stay(Digit), push(Char(b'.'), InFileNext),
        stay(Char(b'_')), stay(Char(b'-')), push(Char(b'/'), InFileFirst), found(Any, T::FilePath),
    ];
    InFileNext: [
        pop(End), clear(AsciiLetter, InFile), clear(Digit, InFile), clear(Char(b'_'), InFile), pop(Any),
    ];
    InUrlPathFirst: [pop(End), step(UrlChar, InUrlPath), pop(Any)];
    InUrlPathStart: [step(Any, InUrlPath)];
    InUrlPath: [found(End, T::UrlPath), stay(UrlChar), found(Any, T::UrlPath)];
    InFUrl: [pop(End), Rule { special: Special::BackToHost, ..sure(UrlPath, T::Url) }, pop(Any)];
    InProtocolFirst: [pop(End), step(Char(b'/'), InProtocolSecond), pop(Any)];
    InProtocolSecond: [pop(End), step(Char(b'/'), InProtocolEnd), pop(Any)];
    InProtocolEnd: [sure(Any, T::Protocol)];
    InHyphenAsciiWordFirst: [
        pop(End), step(AsciiLetter, InHyphenAsciiWord), step(Alpha, InHyphenWord),
        step(Digit, InHyphenDigits), pop(Any),
    ];
    InHyphenAsciiWord: [
        hyphenated(End, T::AsciiHyphenWord), stay(AsciiLetter), step(Alpha, InHyphenWord),
        step(Special, InHyphenWord), step(Digit, InHyphenNumWord),
        push(Char(b'-'), InHyphenAsciiWordFirst), hyphenated(Any, T::AsciiHyphenWord),
    ];
    InHyphenWordFirst: [pop(End), step(Alpha, InHyphenWord), step(Digit, InHyphenDigits), pop(Any)];
    InHyphenWord: [
        hyphenated(End, T::HyphenWord), stay(Alpha), stay(Special), step(Digit, InHyphenNumWord),
        push(Char(b'-'), InHyphenWordFirst), hyphenated(Any, T::HyphenWord),
    ];
    InHyphenNumWordFirst: [pop(End), step(Alpha, InHyphenNumWord), step(Digit, InHyphenDigits), pop(Any)];
    InHyphenNumWord: [
        hyphenated(End, T::NumHyphenWord), stay(Alnum), stay(Special),
        push(Char(b'-'), InHyphenNumWordFirst), hyphenated(Any, T::NumHyphenWord),
    ];
    InHyphenDigits: [
        pop(End), stay(Digit), step(Alpha, InHyphenNumWord), step(Special, InHyphenNumWord), pop(Any),
    ];
    InParseHyphen: [
        again(End, Base), step(AsciiLetter, InHyphenAsciiPart), step(Alpha, InHyphenPart),
        push(Digit, InHyphenUnsignedInt), push(Char(b'-'), InParseHyphenHyphen), again(Any, Base),
    ];
    InParseHyphenHyphen: [
        pop(End), clear_found(Alnum, T::Space, InParseHyphen), clear_found(Special, T::Space, InParseHyphen),
        pop(Any),
    ];
    InHyphenPart: [
        found(End, T::HyphenPart), stay(Alpha), stay(Special), step(Digit, InHyphenNumPart),
        found_then(Any, T::HyphenPart, InParseHyphen),
    ];
    InHyphenAsciiPart: [
        found(End, T::AsciiHyphenPart), stay(AsciiLetter), step(Alpha, InHyphenPart),
        step(Special, InHyphenPart), step(Digit, InHyphenNumPart),
        found_then(Any, T::AsciiHyphenPart, InParseHyphen),
    ];
    InHyphenNumPart: [
        found(End, T::NumHyphenPart), stay(Alnum), stay(Special),
        found_then(Any, T::NumHyphenPart, InParseHyphen),
    ];
    InHyphenUnsignedInt: [
        pop(End), stay(Digit), clear(Alpha, InHyphenNumPart), clear(Special, InHyphenNumPart), pop(Any),
    ];
}
