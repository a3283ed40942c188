"""Domains that anybody may have an address or a page at: they say nothing of who somebody is."""

from typing import Final

__all__ = ["is_public"]

_FAMILIES: Final = frozenset("aol gmail gmx googlemail hotmail live msn outlook windowslive yahoo yandex ymail".split())
"""Providers that have a domain in many countries: yahoo.es, hotmail.co.uk, gmx.net."""

_PROVIDERS: Final = frozenset(
    """
126.com 139.com 163.com 188.com 21cn.com abv.bg aim.com alice.it aliyun.com aol.com aon.at arcor.de aruba.it att.net
bell.net bellsouth.net bigpond.com bigpond.net.au bk.ru bluewin.ch blueyonder.co.uk bol.com.br bol.ro btinternet.com
btopenworld.com c2i.net centrum.cz charter.net chello.at chello.nl citromail.hu club-internet.fr comcast.net cox.net
daum.net docomo.ne.jp duck.com earthlink.net eircom.net email.com email.cz email.de email.it euskaltel.net excite.com
ezweb.ne.jp fastmail.com fastmail.fm fibertel.com.ar foxmail.com free.fr freemail.hu freenet.de freeserve.co.uk
frontier.com globo.com gmail.com gmx.at gmx.ch gmx.com gmx.de gmx.net hanmail.net hetnet.nl hey.com hispeed.ch home.nl
hotmail.com hushmail.com i.ua icloud.com ig.com.br inbox.lv inbox.ru indiatimes.com inode.at interia.pl inwind.it
iol.ie iol.it juno.com kakao.com kpnmail.nl laposte.net libero.it list.ru live.com lycos.com mac.com mail.bg mail.com
mail.de mail.ee mail.ru me.com mindspring.com movistar.es msn.com mweb.co.za mynet.com nate.com naver.com
netcourrier.com netscape.net netvigator.com netzero.net neuf.fr nifty.com ntlworld.com numericable.fr o2.pl ocn.ne.jp
onet.eu onet.pl online.de online.no ono.com optonline.net optusnet.com.au orange.es orange.fr outlook.com
ozemail.com.au pacbell.net planet.nl pm.me poczta.onet.pl posteo.de prodigy.net.mx proton.me protonmail.ch
protonmail.com qq.com quicknet.nl r7.com rambler.ru rediff.com rediffmail.com rocketmail.com rogers.com runbox.com
sapo.pt sbcglobal.net seznam.cz sfr.fr shaw.ca sina.cn sina.com singnet.com.sg sky.com skynet.be softbank.ne.jp
sohu.com spray.se swbell.net sympatico.ca t-online.de talk21.com talktalk.net telefonica.net telenet.be teletu.it
telia.com telus.net terra.com terra.com.br terra.es tin.it tiscali.co.uk tiscali.it tom.com tuta.com tuta.io
tutanota.com tvcablenet.be ua.fm ukr.net uol.com.br upcmail.nl usa.net verizon.net videotron.ca vip.163.com vip.qq.com
virgilio.it virgin.net virginmedia.com vodafone.es vodafone.it voila.fr wanadoo.es wanadoo.fr web.de westnet.com.au
windstream.net wp.pl xs4all.nl xtra.co.nz yahoo.com yandex.ru yeah.net ymail.com ziggo.nl zoho.com zohomail.com
""".split()
)

_PAGES: Final = frozenset(
    """
about.me angel.co bit.ly blogspot.com business.site etsy.com facebook.com fb.com fb.me github.com github.io goo.gl
google.com instagram.com jimdo.com jimdofree.com linkedin.com linktr.ee medium.com myshopify.com pinterest.com
sites.google.com squarespace.com t.me tiktok.com tumblr.com twitter.com vimeo.com vk.com weebly.com wixsite.com
wordpress.com x.com xing.com yelp.com youtu.be youtube.com
""".split()
)


def is_public(domain: str) -> bool:
    """Whether anybody may have an address or a page there, by the best-known providers of many countries."""
    first, _, rest = domain.partition(".")
    if domain in _PROVIDERS or domain in _PAGES:
        return True
    if first in ("m", "es-es", "de-de", "fr-fr", "en-gb", "www2") or len(first) == 2:
        return rest in _PAGES
    return first in _FAMILIES and len(rest) <= len("com.br") and rest.count(".") <= 1
