import tests.integration.test_schemathesis as t
orig=t.run
def run(config, folder, document, token, *more):
    d=orig(config, folder, document, token, *more)
    open('/tmp/st-all.txt','a').write(f"==== {folder.name} rc={d.returncode}\n{d.stdout[-2500:]}\n{d.stderr[-500:]}\n")
    return d
t.run=run
test_x=t.test_no_answer_is_a_server_error_or_undocumented
config=t.config
