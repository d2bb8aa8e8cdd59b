from __future__ import annotations


def test_smoke(client, city, file_case):
    for n in range(3):
        file_case()
    for url in (
        "discovery.json",
        "discovery.xml",
        "v2/services.json",
        "v2/services.xml",
        "v2/services/POTHOLE.json",
        "v2/services/POTHOLE.xml",
        "v2/requests.json",
        "v2/requests.xml?extensions=true",
        "v2/requests.json?lat=39.9526&long=-75.1636",
        "v2/requests/1001.json",
        "v2/requests/nope.xml",
        "v2/requests.json?page=2&page_size=1",
        "v2/requests.json?q=deep&bbox=-76,39,-74,41",
        "v2/servicerequestupdates.xml",
    ):
        r = client.get("/open311/" + url)
        print(url, r.status_code, r.headers, r.content.decode()[:1500])
    assert 0
