use crate::support::{data,table};
#[test] fn probe() {
    let Some(f)=data::folder() else {return};
    for n in ["exports/cnipr_25_columns.xlsx","exports/shandong_list_7384.xlsx","exports/patenthub.csv","exports/patentstar_shifted_columns.csv","exports/patsnap_header.xlsx","exports/cnipa_gazette_gbk_ruined_numbers.csv","patents_3k.jsonl.gz","patents_108k.jsonl.gz"] {
        let t=std::time::Instant::now();
        let o=table::read(&f.join(n));
        let mut w=std::collections::BTreeMap::new();
        for (_,i) in &o.good { for x in &i.warnings { w.entry(x.code.as_str()).or_insert_with(||(0,x.clone())).0+=1; } }
        println!("{n}: {:?} good {} {:?} fatal {:?}",t.elapsed(),o.good.len(),o.by_code(),o.fatal);
        println!("   {w:?}");
        println!("   {:?}", o.rejects.iter().take(4).collect::<Vec<_>>());
        if let Some(g)=o.good.first(){ println!("   {:?}",g); }
    }
}
