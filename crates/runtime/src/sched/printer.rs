//! `print` and `println`: text for standard error, in the formats of Go 1.27's runtime.

use std::fmt::Write as _;

/// Text that waits for `printunlock`.
#[derive(Default)]
pub struct Printer {
    pub(super) depth: u32,
    pub(super) text: Vec<u8>,
}

impl Printer {
    pub(super) fn add(&mut self, v: impl std::fmt::Display) {
        use std::io::Write as _;
        let _ = write!(self.text, "{v}");
    }
}

/// A float64 as `println` writes it: Go's `%g` with the fewest digits that make it unique.
pub fn format_float(v: f64) -> String {
    if !v.is_finite() {
        return not_finite(v);
    }
    let digits = format!("{v:e}");
    let even = format!("{:.*e}", fraction_len(&digits), v);
    shortest(if even.parse() == Ok(v) { &even } else { &digits })
}

/// Digits after the point in exponent form. Of two shortest texts equally near, Go takes the even one and Rust the
/// larger; formatting again with that many digits rounds to even.
fn fraction_len(exponent_form: &str) -> usize {
    let mantissa = exponent_form.split('e').next().unwrap_or_default();
    mantissa.split_once('.').map_or(0, |(_, fraction)| fraction.len())
}

/// The same for a float32.
pub fn format_float32(v: f32) -> String {
    if !v.is_finite() {
        return not_finite(v.into());
    }
    let digits = format!("{v:e}");
    let even = format!("{:.*e}", fraction_len(&digits), v);
    shortest(if even.parse() == Ok(v) { &even } else { &digits })
}

/// A complex128 as `println` writes it.
pub fn format_complex(re: f64, im: f64) -> String {
    pair(format_float(re), format_float(im))
}

/// A complex64 as `println` writes it.
pub fn format_complex64(re: f32, im: f32) -> String {
    pair(format_float32(re), format_float32(im))
}

fn pair(re: String, im: String) -> String {
    let plus = if im.starts_with(['+', '-']) { "" } else { "+" };
    format!("({re}{plus}{im}i)")
}

fn not_finite(v: f64) -> String {
    let text = if v.is_nan() {
        "NaN"
    } else if v > 0.0 {
        "+Inf"
    } else {
        "-Inf"
    };
    text.into()
}

/// `%g` from the shortest digits in Rust's exponent form, `-1.25e-7`.
fn shortest(exponent_form: &str) -> String {
    let (mantissa, exponent) = exponent_form.split_once('e').expect("an exponent");
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", mantissa),
    };
    let exponent: i32 = exponent.parse().expect("a number");
    let digits: String = mantissa.chars().filter(|c| *c != '.').collect();
    let mut out = String::from(sign);
    if !(-4..6).contains(&exponent) {
        out.push_str(&mantissa_text(&digits));
        let _ = write!(out, "e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs());
    } else if exponent < 0 {
        out.push_str("0.");
        out.extend(std::iter::repeat_n('0', (-exponent - 1) as usize));
        out.push_str(&digits);
    } else {
        let whole = exponent as usize + 1;
        for i in 0..whole {
            out.push(digits.as_bytes().get(i).map_or('0', |b| *b as char));
        }
        if digits.len() > whole {
            out.push('.');
            out.push_str(&digits[whole..]);
        }
    }
    out
}

fn mantissa_text(digits: &str) -> String {
    if digits.len() == 1 { digits.into() } else { format!("{}.{}", &digits[..1], &digits[1..]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_as_println_writes_them() {
        let cases: &[(f64, &str)] = &[
            (1.0, "1"),
            (1e100, "1e+100"),
            (123456.75, "123456.75"),
            (1234567.5, "1.2345675e+06"),
            (1e6, "1e+06"),
            (100000.0, "100000"),
            (0.0001, "0.0001"),
            (0.00012345, "0.00012345"),
            (0.00001, "1e-05"),
            (5e-324, "5e-324"),
            (-0.0, "-0"),
            (810_009_848_871_176.2, "8.100098488711762e+14"),
            (f64::INFINITY, "+Inf"),
            (f64::NAN, "NaN"),
        ];
        for (v, text) in cases {
            assert_eq!(format_float(*v), *text);
        }
        assert_eq!(format_float32(0.1), "0.1");
        assert_eq!(format_complex(1.5, -2.0), "(1.5-2i)");
        assert_eq!(format_complex(f64::NAN, f64::INFINITY), "(NaN+Infi)");
        assert_eq!(format_complex(0.0, f64::NAN), "(0+NaNi)");
        assert_eq!(format_complex64(0.1, 1e10), "(0.1+1e+10i)");
    }
}
