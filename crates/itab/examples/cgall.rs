#![allow(missing_docs, unused)]
use itab_codegen::*;
use itab_ir::program::*;
use itab_ir::world::World;
use itab_loader::source::Layered;
use itab_loader::{Config, FileSystem, GoRoot, Loaded, Loader, Memory, Overlay, Package, Request, Source, Target};
use itab_syntax::{Decl, Diagnostic, FileSet};
use itab_types::{GoVersion, ObjKind, PackageInput, PkgId, Store};
use rustc_hash::{FxHashMap, FxHashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::*;
use std::sync::Arc;

fn main() {
    let pats: Vec<String> = std::env::args().skip(1).collect();
    let dir = std::env::current_dir().unwrap();
    let source: Arc<dyn Source> = Arc::new(FileSystem);
    let goroot = GoRoot::find(&*source, Some(Path::new("/work/go/go")), &[&dir]).unwrap_or_else(|e| panic!("{e}"));
    let loader = Loader::new(Config {
        source,
        goroot,
        target: Target::Itab,
        tags: vec![],
        overlay: Overlay::builtin(),
        mod_cache: itab_loader::load::default_mod_cache(),
        threads: 0,
    });
    let loaded =
        loader.load(&Request { dir, patterns: pats, tests: false, also: vec!["runtime".into()], bodies: true });
    let show = |d: &Diagnostic, files: &FileSet| println!("{} {:?}", files.position(d.span.start), d.message);
    if !loaded.ok() {
        for d in loaded.diagnostics().iter().take(20) {
            show(d, loader.files())
        }
        println!("load errors: {}", loaded.diagnostics().len());
    }
    let files = loader.files().clone();
    let mut store = Store::new(loader.names().clone(), files.clone());
    let mut ids: FxHashMap<&str, PkgId> = FxHashMap::default();
    let mut packages = vec![];
    for package in &loaded.packages {
        let fs: Vec<_> = package.files.iter().map(|f| f.file.clone()).collect();
        let versions: Vec<_> =
            package.files.iter().map(|f| (f.go != package.go).then_some(GoVersion(f.go.0))).collect();
        let input = PackageInput {
            path: &package.path,
            files: &fs,
            version: GoVersion(package.go.0),
            file_versions: &versions,
            bodies: false,
            complete: false,
        };
        let mut import = |store: &Store, path: &str| {
            if path == "unsafe" {
                return Ok(store.unsafe_package());
            }
            let r = package.resolved.get(path).ok_or_else(|| format!("no {path}"))?;
            ids.get(&**r).copied().ok_or_else(|| format!("no import {path}"))
        };
        let id = store.check_package(&input, &mut import);
        ids.insert(&package.path, id);
        packages.push(id);
    }
    let ds = std::mem::take(&mut store.diagnostics);
    for d in ds.iter().take(20) {
        show(d, &files)
    }
    println!("{} packages, {} diagnostics", packages.len(), ds.len());
    let mut world = World::new(store);
    if let Err(e) = world.declare_globals(&packages) {
        println!("globals: {}: {e}", files.position(itab_syntax::Pos(e.pos)));
    }
    for &p in &packages {
        let path = world.store.pkg(p).path.to_string();
        for o in world.store.pkg(p).objects.clone() {
            let obj = world.store.obj(o).clone();
            if matches!(obj.kind, ObjKind::Func(_)) {
                let name = world.store.text(obj.name).to_string();
                let _ = catch_unwind(AssertUnwindSafe(|| world.func_by_name(&path, &name)));
            }
        }
    }
    for &p in &packages {
        if let Err(e) = world.init_func(p) {
            println!("init {e}")
        }
    }
    let mut codegen =
        Compiler::new(CodegenOptions { verify: std::env::var("NOVERIFY").is_err(), ..Default::default() }).unwrap();
    let mut done: FxHashSet<FuncId> = FxHashSet::default();
    let (mut ok, mut native, mut bytes, mut irerr, mut cgerr) = (0, 0, 0, 0, 0);
    let (mut t_ir, mut t_cg) = (0.0, 0.0);
    let mut i = 0;
    let verbose = std::env::var("V").is_ok();
    while i < world.program.funcs.len() {
        let id = FuncId(i as u32);
        i += 1;
        if done.contains(&id) {
            continue;
        }
        if world.program.func(id).kind == FuncKind::Native {
            native += 1;
            if let Err(e) = codegen.compile_native(&world.program, id) {
                println!("{e}")
            }
            continue;
        }
        let name = world.program.func(id).name.clone();
        if verbose {
            println!("{name}");
        }
        let t = std::time::Instant::now();
        let built = match catch_unwind(AssertUnwindSafe(|| world.build(id))) {
            Ok(Ok(b)) => b,
            Ok(Err(e)) => {
                irerr += 1;
                if irerr < 30 {
                    println!("ir: {name}: {}: {e}", files.position(itab_syntax::Pos(e.pos)));
                }
                continue;
            }
            Err(_) => {
                irerr += 1;
                println!("ir panic: {name}");
                continue;
            }
        };
        t_ir += t.elapsed().as_secs_f64();
        for f in &built.funcs {
            done.insert(f.id);
        }
        let t = std::time::Instant::now();
        match codegen.compile_batch(&world.program, &built.funcs) {
            Ok(o) => {
                ok += o.functions.len();
                bytes += o.functions.iter().map(|f| f.code.bytes.len()).sum::<usize>();
                for f in &o.functions {
                    if f.code.frame_size > 70000 {
                        println!("frame {} {}", world.program.func(f.id).name, f.code.frame_size)
                    }
                }
            }
            Err(e) => {
                cgerr += 1;
                if cgerr < 25 {
                    let m = e.to_string();
                    println!("CG {}", m.chars().take(400).collect::<String>());
                    if let Ok(n) = std::env::var("SHOW")
                        && m.contains(&n)
                    {
                        println!("{m}");
                        for f in &built.funcs {
                            println!("{}", itab_ir::print::print_func(&world.program, f));
                        }
                    }
                }
            }
        }
        t_cg += t.elapsed().as_secs_f64();
    }
    println!(
        "{ok} functions, {bytes} bytes, {native} natives, {irerr} IR errors, {cgerr} codegen errors; ir {t_ir:.2}s codegen {t_cg:.2}s ({:.0} µs per function)",
        t_cg * 1e6 / ok as f64
    );
}
