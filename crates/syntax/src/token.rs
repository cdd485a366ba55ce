//! Tokens, operators and kinds of literals.

/// A token of Go. Operators without a token of their own are [`Token::Operator`] with an [`Op`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum Token {
    Eof,
    Name,
    Literal,
    /// A binary or unary operator other than `*`.
    Operator,
    /// `op=`
    AssignOp,
    /// `++` or `--`
    IncOp,
    Assign,
    Define,
    Arrow,
    Star,
    Lparen,
    Lbrack,
    Lbrace,
    Rparen,
    Rbrack,
    Rbrace,
    Comma,
    /// A semicolon, written or inserted at the end of a line or of the file.
    Semi,
    Colon,
    Dot,
    DotDotDot,
    Break,
    Case,
    Chan,
    Const,
    Continue,
    Default,
    Defer,
    Else,
    Fallthrough,
    For,
    Func,
    Go,
    Goto,
    If,
    Import,
    Interface,
    Map,
    Package,
    Range,
    Return,
    Select,
    Struct,
    Switch,
    Type,
    Var,
}

impl Token {
    /// The keywords, in the order of their tokens, which is alphabetical.
    pub const KEYWORDS: [Token; 25] = [
        Token::Break,
        Token::Case,
        Token::Chan,
        Token::Const,
        Token::Continue,
        Token::Default,
        Token::Defer,
        Token::Else,
        Token::Fallthrough,
        Token::For,
        Token::Func,
        Token::Go,
        Token::Goto,
        Token::If,
        Token::Import,
        Token::Interface,
        Token::Map,
        Token::Package,
        Token::Range,
        Token::Return,
        Token::Select,
        Token::Struct,
        Token::Switch,
        Token::Type,
        Token::Var,
    ];

    /// The token's text, or a word for what it stands for.
    pub fn text(self) -> &'static str {
        match self {
            Token::Eof => "EOF",
            Token::Name => "name",
            Token::Literal => "literal",
            Token::Operator => "op",
            Token::AssignOp => "op=",
            Token::IncOp => "opop",
            Token::Assign => "=",
            Token::Define => ":=",
            Token::Arrow => "<-",
            Token::Star => "*",
            Token::Lparen => "(",
            Token::Lbrack => "[",
            Token::Lbrace => "{",
            Token::Rparen => ")",
            Token::Rbrack => "]",
            Token::Rbrace => "}",
            Token::Comma => ",",
            Token::Semi => ";",
            Token::Colon => ":",
            Token::Dot => ".",
            Token::DotDotDot => "...",
            Token::Break => "break",
            Token::Case => "case",
            Token::Chan => "chan",
            Token::Const => "const",
            Token::Continue => "continue",
            Token::Default => "default",
            Token::Defer => "defer",
            Token::Else => "else",
            Token::Fallthrough => "fallthrough",
            Token::For => "for",
            Token::Func => "func",
            Token::Go => "go",
            Token::Goto => "goto",
            Token::If => "if",
            Token::Import => "import",
            Token::Interface => "interface",
            Token::Map => "map",
            Token::Package => "package",
            Token::Range => "range",
            Token::Return => "return",
            Token::Select => "select",
            Token::Struct => "struct",
            Token::Switch => "switch",
            Token::Type => "type",
            Token::Var => "var",
        }
    }

    /// Whether this is a keyword.
    pub fn is_keyword(self) -> bool {
        self as u8 >= Token::Break as u8
    }
}

/// An operator, named as in go/token.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[allow(missing_docs)]
pub enum Op {
    Add,
    Sub,
    Mul,
    Quo,
    Rem,
    And,
    Or,
    Xor,
    Shl,
    Shr,
    AndNot,
    LAnd,
    LOr,
    Eql,
    Neq,
    Lss,
    Leq,
    Gtr,
    Geq,
    /// `!x`
    Not,
    /// `~T`
    Tilde,
    /// `<-x`, receive
    Arrow,
}

impl Op {
    /// The operator's text.
    pub fn text(self) -> &'static str {
        match self {
            Op::Add => "+",
            Op::Sub => "-",
            Op::Mul => "*",
            Op::Quo => "/",
            Op::Rem => "%",
            Op::And => "&",
            Op::Or => "|",
            Op::Xor => "^",
            Op::Shl => "<<",
            Op::Shr => ">>",
            Op::AndNot => "&^",
            Op::LAnd => "&&",
            Op::LOr => "||",
            Op::Eql => "==",
            Op::Neq => "!=",
            Op::Lss => "<",
            Op::Leq => "<=",
            Op::Gtr => ">",
            Op::Geq => ">=",
            Op::Not => "!",
            Op::Tilde => "~",
            Op::Arrow => "<-",
        }
    }

    /// Precedence as a binary operator, 1 (`||`) to 5 (`*`); 0 if it is not one.
    pub fn precedence(self) -> u8 {
        match self {
            Op::LOr => 1,
            Op::LAnd => 2,
            Op::Eql | Op::Neq | Op::Lss | Op::Leq | Op::Gtr | Op::Geq => 3,
            Op::Add | Op::Sub | Op::Or | Op::Xor => 4,
            Op::Mul | Op::Quo | Op::Rem | Op::And | Op::AndNot | Op::Shl | Op::Shr => 5,
            Op::Not | Op::Tilde | Op::Arrow => 0,
        }
    }

    /// Whether it compares (`==` to `>=`).
    pub fn is_comparison(self) -> bool {
        self.precedence() == 3
    }

    /// Whether it shifts.
    pub fn is_shift(self) -> bool {
        matches!(self, Op::Shl | Op::Shr)
    }
}

impl std::fmt::Display for Op {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.text())
    }
}

/// What kind of literal.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum LitKind {
    /// `42`
    Int,
    /// `0.5`
    Float,
    /// `2i`
    Imag,
    /// `'x'`
    Char,
    /// `"x"` or `` `x` ``
    String,
}
