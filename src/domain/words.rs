//! The trade's fixed words: an enumeration whose values are written one way in JSON, in the database and in the
//! index, and, where people read them, in Chinese and English. Each word stands once.

/// Declares such an enumeration: `Variant = "word";`, or `Variant = "word", "中文", "English";`.
///
/// The word is a token, not a `literal`: wrapped as one, the schema's derive would not see it and show the
/// variant's name.
macro_rules! words {
    ($(#[$meta:meta])* pub enum $name:ident {
        $($(#[$about:meta])* $variant:ident = $word:tt $(, $zh:literal, $en:literal)?;)*
    }) => {
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize, utoipa::ToSchema,
        )]
        $(#[$meta])*
        pub enum $name {
            $($(#[$about])* #[serde(rename = $word)] $variant,)*
        }

        impl $name {
            pub const ALL: [Self; [$($word),*].len()] = [$(Self::$variant),*];

            /// The word in JSON, in the database and in the index.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|value| value.as_str() == text)
            }
        }

        $crate::domain::words::spoken!($name { $($variant $($zh, $en)?;)* });
    };
}

/// The words in both languages, for enumerations that have them.
macro_rules! spoken {
    ($name:ident { $($variant:ident $zh:literal, $en:literal;)* }) => {
        impl $name {
            pub const fn zh(self) -> &'static str {
                match self { $(Self::$variant => $zh,)* }
            }

            pub const fn en(self) -> &'static str {
                match self { $(Self::$variant => $en,)* }
            }
        }
    };
    ($name:ident { $($variant:ident;)* }) => {};
}

pub(crate) use {spoken, words};
