from __future__ import annotations
import json
def test_smoke(client, city, file_case, api_key):
    for n in range(3):
        file_case()
    for url in ("openapi.json","services","services/POTHOLE/form","services/NOPE/form","cases?limit=2","cases/1001","cases/99","nothing","cases?limit=0", "cases?cursor=zzz"):
        r = client.get("/api/v1/"+url)
        print(url, r.status_code, r.headers["content-type"], r.content.decode()[:700 if url!="openapi.json" else 300])
    body={"service_code":"POTHOLE","answers":{"WHERE":"roadway"},"long":-75.16,"lat":39.95}
    for b, h in ((body,{}),(body,{"HTTP_AUTHORIZATION":"Bearer nope"}),(body,{"HTTP_AUTHORIZATION":"Bearer test-key","HTTP_IDEMPOTENCY_KEY":"a"}),(body,{"HTTP_AUTHORIZATION":"Bearer test-key","HTTP_IDEMPOTENCY_KEY":"a"}),({**body,"answers":{"WHERE":"gas"}},{"HTTP_AUTHORIZATION":"Bearer test-key"}),({**body,"x":1},{"HTTP_AUTHORIZATION":"Bearer test-key"})):
        r = client.post("/api/v1/cases", json.dumps(b), content_type="application/json", **h)
        print(r.status_code, r.headers["content-type"], r.content.decode()[:500])
    r = client.post("/api/v1/triage", json.dumps(body), content_type="application/json"); print(r.status_code, r.content.decode()[:500])
    r = client.post("/api/v1/triage", "{", content_type="application/json"); print(r.status_code, r.content.decode()[:500])
    r = client.delete("/api/v1/cases"); print(r.status_code, r.headers, r.content.decode()[:500])
    assert 0
