//! Types of tokens that the default parser finds.

macro_rules! tokens {
    ($($name:ident = $id:literal, $alias:literal, $description:literal;)*) => {
        /// Type of a token.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum TokenType {
            $(#[doc = $description] $name = $id,)*
        }

        impl TokenType {
            /// All types, by number.
            pub const ALL: &'static [TokenType] = &[$(TokenType::$name,)*];

            /// The short name that mappings use.
            pub fn alias(self) -> &'static str {
                match self { $(TokenType::$name => $alias,)* }
            }

            /// What it is.
            pub fn description(self) -> &'static str {
                match self { $(TokenType::$name => $description,)* }
            }
        }
    };
}

tokens! {
    AsciiWord = 1, "asciiword", "Word, all ASCII";
    Word = 2, "word", "Word, all letters";
    NumWord = 3, "numword", "Word, letters and digits";
    Email = 4, "email", "Email address";
    Url = 5, "url", "URL";
    Host = 6, "host", "Host";
    Scientific = 7, "sfloat", "Scientific notation";
    Version = 8, "version", "Version number";
    NumHyphenPart = 9, "hword_numpart", "Hyphenated word part, letters and digits";
    HyphenPart = 10, "hword_part", "Hyphenated word part, all letters";
    AsciiHyphenPart = 11, "hword_asciipart", "Hyphenated word part, all ASCII";
    Space = 12, "blank", "Space symbols";
    Tag = 13, "tag", "XML tag";
    Protocol = 14, "protocol", "Protocol head";
    NumHyphenWord = 15, "numhword", "Hyphenated word, letters and digits";
    AsciiHyphenWord = 16, "asciihword", "Hyphenated word, all ASCII";
    HyphenWord = 17, "hword", "Hyphenated word, all letters";
    UrlPath = 18, "url_path", "URL path";
    FilePath = 19, "file", "File or path name";
    Decimal = 20, "float", "Decimal notation";
    SignedInt = 21, "int", "Signed integer";
    UnsignedInt = 22, "uint", "Unsigned integer";
    Entity = 23, "entity", "XML entity";
}

impl TokenType {
    /// Its number.
    pub fn id(self) -> i32 {
        self as i32
    }

    /// The type of a number.
    pub fn from_id(id: i32) -> Option<TokenType> {
        TokenType::ALL.iter().copied().find(|token| token.id() == id)
    }

    /// The type of an alias.
    pub fn from_alias(alias: &str) -> Option<TokenType> {
        TokenType::ALL.iter().copied().find(|token| token.alias() == alias)
    }
}
