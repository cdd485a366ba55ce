//! `make` and `append`, with capacities from real Go (`../growslice.go` wrote `../growslice.txt`).

use crate::support::{TestHeap, get, options, set, type_of};
use itab_runtime::heap::slice::{SliceError, grown_cap, growslice, makeslice};
use std::ptr::null_mut;

#[test]
fn capacities_are_gos() {
    for line in include_str!("../growslice.txt").lines() {
        let n: Vec<i64> = line.split(' ').map(|n| n.parse().expect("a number")).collect();
        let (elem, noscan, oldcap) = (n[0] as usize, n[1] == 0, n[2]);
        for (num, want) in [1, 2, 5, 17, 255, 1000].into_iter().zip(&n[3..]) {
            let (cap, bytes) = grown_cap(elem, noscan, oldcap + num, oldcap).expect("in range");
            assert_eq!((cap, bytes), (*want as usize, *want as usize * elem), "{line}: +{num}");
        }
    }
}

#[test]
fn ranges() {
    assert_eq!(grown_cap(8, true, i64::MAX, 10), None);
    assert_eq!(grown_cap(1, true, 1 << 49, 10), None);
    assert!(grown_cap(1, true, i64::MAX, i64::MAX - 1).is_none());
    let mut t = TestHeap::new(&options());
    let byte = type_of(1, &[]);
    // SAFETY: test types live for ever.
    let mut make = |len, cap| unsafe { makeslice(&mut t.heap, byte, len, cap) }.map(drop);
    assert_eq!(make(-1, 5), Err(SliceError::Len));
    assert_eq!(make(5, 4), Err(SliceError::Cap));
    assert_eq!(make(5, -1), Err(SliceError::Cap));
    assert_eq!(make(5, i64::MAX), Err(SliceError::Cap));
    assert_eq!(make(i64::MAX, i64::MAX), Err(SliceError::Len));
    assert!(matches!(make(1 << 47, 1 << 47), Err(SliceError::OutOfMemory(_))));
    assert_eq!(make(0, 0), Ok(()));
}

#[test]
fn append_moves_elements() {
    let mut t = TestHeap::new(&options());
    for typ in [type_of(8, &[1]), type_of(24, &[0b100]), type_of(24, &[])] {
        // SAFETY: test types live for ever.
        let words = unsafe { (*typ).size / 8 };
        let n = if cfg!(miri) { 50 } else { 3000 };
        let (mut data, mut cap) = (null_mut(), 0);
        for i in 0..n {
            if i == cap {
                // SAFETY: the slice is what the last call returned.
                let s = unsafe { growslice(&mut t.heap, data, i as i64 + 1, cap as i64, 1, typ) }.expect("memory");
                assert_eq!(s.len, i + 1);
                (data, cap) = (s.ptr, s.cap);
                *t.roots() = vec![data];
                for w in (i + 1) * words..cap * words {
                    assert!(get(data, w).is_null());
                }
            }
            for w in i * words..(i + 1) * words {
                set(data, w, std::ptr::without_provenance_mut(w + 1));
            }
        }
        assert!((0..n * words).all(|w| get(data, w).addr() == w + 1));
        // SAFETY: as above.
        let e = unsafe { growslice(&mut t.heap, data, -1, cap as i64, 1, typ) }.map(drop);
        assert_eq!(e, Err(SliceError::Len));
    }
    let empty = type_of(0, &[]);
    // SAFETY: as above.
    let s = unsafe { growslice(&mut t.heap, null_mut(), 5, 0, 5, empty) }.expect("memory");
    assert_eq!((s.len, s.cap), (5, 5));
    assert!(!s.ptr.is_null());
}
