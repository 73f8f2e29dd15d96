import time, pytest
from service.enrollment_company import CODE, load
@pytest.fixture(scope="module")
async def running(service):
    async with service("enrollment") as r: yield r
async def test_scale(running, tokens):
    running.client.timeout=300
    base=0
    for n in (500,500,1000,2000,1000):
        rows=[f"77{base+i:06d},full@membership.example,{CODE},Größe {i} AG,DE,active,location" for i in range(n)]
        base+=n
        t=time.time(); a=await load(running,tokens,*rows); d=time.time()-t
        t=time.time(); b=await load(running,tokens,*rows); e=time.time()-t
        print(n,base,round(d,2),round(n/d),"/s; again",round(e,2),a.json()["imported"],b.json()["unchanged"])
