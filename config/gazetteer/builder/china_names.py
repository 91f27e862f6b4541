"""How Chinese places are written: short forms, pinyin, English, traditional characters."""

import re

# GB/T 2260 region: short name, one-character forms, ISO 3166-2 letters, English, traditional short name.
REGIONS = """
11 北京 京 BJ Beijing|Peking 北京
12 天津 津 TJ Tianjin 天津
13 河北 冀 HE Hebei 河北
14 山西 晋 SX Shanxi 山西
15 内蒙古|内蒙 蒙 NM Inner_Mongolia|Nei_Mongol|Neimenggu|Nei_Mongol_Zizhiqu 內蒙古
21 辽宁 辽 LN Liaoning 遼寧
22 吉林 吉 JL Jilin 吉林
23 黑龙江 黑 HL Heilongjiang 黑龍江
31 上海 沪|申 SH Shanghai 上海
32 江苏 苏 JS Jiangsu 江蘇
33 浙江 浙 ZJ Zhejiang 浙江
34 安徽 皖 AH Anhui 安徽
35 福建 闽 FJ Fujian 福建
36 江西 赣 JX Jiangxi 江西
37 山东 鲁 SD Shandong 山東
41 河南 豫 HA Henan 河南
42 湖北 鄂 HB Hubei 湖北
43 湖南 湘 HN Hunan 湖南
44 广东 粤 GD Guangdong|Canton_Province 廣東
45 广西 桂 GX Guangxi 廣西
46 海南 琼 HI Hainan 海南
50 重庆 渝 CQ Chongqing|Chungking 重慶
51 四川 川|蜀 SC Sichuan|Szechwan|Szechuan 四川
52 贵州 黔|贵 GZ Guizhou 貴州
53 云南 滇|云 YN Yunnan 雲南
54 西藏 藏 XZ Tibet|Xizang 西藏
61 陕西 陕|秦 SN Shaanxi 陝西
62 甘肃 甘|陇 GS Gansu 甘肅
63 青海 青 QH Qinghai 青海
64 宁夏 宁 NX Ningxia 寧夏
65 新疆 新 XJ Xinjiang|Sinkiang 新疆
71 台湾 台 TW Taiwan 臺灣|台灣
81 香港 港 HK Hong_Kong|Hongkong 香港
82 澳门 澳 MO Macau|Macao 澳門
"""
PEOPLES = (
    "蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|拉祜|水|东乡|纳西|景颇|"
    "柯尔克孜|土|达斡尔|仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|阿昌|普米|塔吉克|怒|鄂温克|德昂|保安|裕固|独龙|鄂伦春|各"
)
AUTONOMOUS = re.compile(rf"(?:(?:{PEOPLES})族|蒙古|柯尔克孜|哈萨克|塔吉克|锡伯|各族)*自治(?:州|县|旗)$")
# Readings that the general dictionary gets wrong in place names.
READINGS = {
    "涡阳": "guo yang", "乐陵": "lao ling", "乐亭": "lao ting", "乐清": "yue qing", "浚县": "xun xian",
    "大城": "dai cheng", "荥经": "ying jing", "筠连": "jun lian", "什邡": "shi fang",
    "宕昌": "tan chang", "曾都": "zeng du", "六合": "lu he", "六安": "lu an", "繁峙": "fan shi",
    "长子": "zhang zi", "长治": "chang zhi", "漯河": "luo he", "尼勒克": "ni le ke",
    "都匀": "du yun", "单县": "shan xian", "单父": "shan fu", "闵行": "min hang", "伽师": "jia shi",
    "洪洞": "hong tong", "六枝": "liu zhi", "铅山": "yan shan", "蔚县": "yu xian", "莘县": "shen xian",
    "尉犁": "yu li", "东阿": "dong e", "番禺": "pan yu", "台州": "tai zhou", "丽水": "li shui",
    "百色": "bai se", "泊头": "bo tou", "巴音郭楞": "ba yin guo leng", "泌阳": "bi yang",
    "峨边": "e bian", "喀喇沁": "ka la qin", "勐": "meng",
    "句容": "ju rong", "任丘": "ren qiu", "会昌": "hui chang", "会同": "hui tong", "珲春": "hun chun",
    "朝阳": "chao yang", "朝天": "chao tian", "盛泽": "sheng ze", "隆林": "long lin",
    "穆棱": "mu ling", "绥棱": "sui ling", "解放": "jie fang", "南乐": "nan le", "龙圩": "long xu",
    "覃塘": "qin tang", "红寺堡": "hong si bu",
}  # fmt: skip
DEFAULT_READING = {"长": "chang", "都": "du", "勒": "le", "什": "shi", "行": "xing", "宿": "su", "藏": "zang"}
# Names in use abroad; GeoNames supplies more.
EXONYMS = {
    "1501": "Hohhot|Huhhot", "1502": "Baotou", "1506": "Ordos", "1507": "Hulunbuir|Hulun Buir",
    "1508": "Bayannur|Bayan Nur", "1509": "Ulanqab", "1522": "Hinggan League|Xing'an League",
    "1525": "Xilingol League|Xilingol", "1529": "Alxa League|Alxa", "2102": "Dalian|Dairen",
    "2301": "Harbin", "2302": "Qiqihar", "2310": "Mudanjiang", "4401": "Guangzhou|Canton",
    "4403": "Shenzhen|Shumchun", "4404": "Zhuhai", "4405": "Shantou|Swatow", "3502": "Xiamen|Amoy",
    "3702": "Qingdao|Tsingtao", "3201": "Nanjing|Nanking", "5401": "Lhasa", "5402": "Shigatse|Xigaze",
    "5403": "Qamdo|Chamdo", "5404": "Nyingchi", "5405": "Shannan|Lhoka", "5406": "Nagqu|Nagchu",
    "5425": "Ngari", "5132": "Ngawa|Aba", "5133": "Garze|Ganzi", "5134": "Liangshan", "5334": "Deqen|Diqing",
    "6501": "Urumqi|Ürümqi", "6502": "Karamay", "6504": "Turpan|Turfan", "6505": "Hami|Kumul",
    "6523": "Changji", "6527": "Bortala", "6528": "Bayingolin", "6529": "Aksu", "6530": "Kizilsu",
    "6531": "Kashgar|Kashi", "6532": "Hotan|Khotan", "6540": "Ili|Yili", "6542": "Tacheng|Qoqek", "6543": "Altay",
    "2224": "Yanbian", "5328": "Xishuangbanna|Sipsongpanna", "6322": "Haibei", "6327": "Yushu", "6328": "Haixi",
}  # fmt: skip
# Where the local spelling is not pinyin.
ISLANDS = {
    "中西区": "Central and Western", "湾仔区": "Wan Chai", "东区": "Eastern", "南区": "Southern",
    "油尖旺区": "Yau Tsim Mong", "深水埗区": "Sham Shui Po", "九龙城区": "Kowloon City",
    "黄大仙区": "Wong Tai Sin", "观塘区": "Kwun Tong", "荃湾区": "Tsuen Wan", "屯门区": "Tuen Mun",
    "元朗区": "Yuen Long", "北区": "North", "大埔区": "Tai Po", "西贡区": "Sai Kung", "沙田区": "Sha Tin",
    "葵青区": "Kwai Tsing", "离岛区": "Islands", "台北市": "Taipei", "新北市": "New Taipei",
    "桃园市": "Taoyuan", "台中市": "Taichung", "台南市": "Tainan", "高雄市": "Kaohsiung",
    "基隆市": "Keelung", "新竹市": "Hsinchu", "新竹县": "Hsinchu", "嘉义市": "Chiayi", "嘉义县": "Chiayi",
    "宜兰县": "Yilan", "花莲县": "Hualien", "台东县": "Taitung", "屏东县": "Pingtung", "南投县": "Nantou",
    "云林县": "Yunlin", "彰化县": "Changhua", "苗栗县": "Miaoli", "澎湖县": "Penghu",
    "花地玛堂区": "Nossa Senhora de Fátima", "花王堂区": "Santo António", "望德堂区": "São Lázaro",
    "大堂区": "Sé", "风顺堂区": "São Lourenço", "嘉模堂区": "Nossa Senhora do Carmo",
    "圣方济各堂区": "São Francisco Xavier", "路凼填海区": "Cotai",
}  # fmt: skip
SUFFIX_ENGLISH = (
    ("区", "District"),
    ("县", "County"),
    ("旗", "Banner"),
    ("市", "City"),
    ("州", "Prefecture"),
    ("盟", "League"),
)
# The same as maps and couriers spell it: `Xuhui Qu`, `Guangzhou Shi`.
SUFFIX_PINYIN = {"区": "Qu", "县": "Xian", "旗": "Qi", "市": "Shi", "州": "Zhou", "盟": "Meng", "省": "Sheng"}


def short_name(name):
    """The name without what kind of place it is, or None when nothing usable is left."""
    stem = AUTONOMOUS.sub("", name)
    if stem == name:
        # 神农架林区 is the only forest district; 万柏林区 only loses its 区, and so does 井陉矿区, which
        # must not be taken for 井陉县.
        stem = re.sub(
            r"(特别行政区|自治区|省|市|地区|(?<=架)林区|(?<!陉)矿区|特区|新区|行政委员会|区|县|盟)$", "", name
        )
    if not stem:
        # 东乡族自治县 is named after its people.
        stem = re.sub(r"族自治[县旗]$", "", name)
    if stem == name and name.endswith("旗") and name[-2] not in "左右前后中翼":
        stem = name[:-1]
    return stem if len(stem) >= 2 and stem != name else None


def short_names(name):
    """All short forms: 恩施土家族苗族自治州 is 恩施 and 恩施州."""
    stem = short_name(name)
    if stem:
        yield stem
        for kind in ("州", "县", "旗"):
            if name.endswith("自治" + kind):
                yield stem + kind
        if name.endswith("新区"):
            yield stem + "区"


class Romanizer:
    """Pinyin without tones, and the traditional form of simplified text."""

    def __init__(self, cache):
        for name in ("pypinyin", "opencc-python-reimplemented"):
            cache.module(name)
        from opencc import OpenCC
        from pypinyin import lazy_pinyin
        from pypinyin.contrib.tone_convert import to_normal

        self.lazy, self.normal = lazy_pinyin, to_normal
        self.traditional = OpenCC("s2t").convert

    def syllables(self, text):
        """Syllables of a name as place names are read; ü is written u as in passports' older rule."""
        for word, reading in READINGS.items():
            if word in text:
                before, after = text.split(word, 1)
                return (
                    self.syllables(before) + reading.split() + self.syllables(after)
                    if before or after
                    else reading.split()
                )
        if not text:
            return []
        found = self.lazy(text)
        if len(found) == len(text):
            found = [DEFAULT_READING.get(c, s) for c, s in zip(text, found)]
        return found

    def spellings(self, text):
        """`Xi'an` and `Xian`; `Lüliang`, `Lvliang` and `Luliang`."""
        parts = self.syllables(text)
        if not all(re.fullmatch(r"[a-zü]+", part) for part in parts):
            return []
        apostrophe = parts[0] + "".join(("'" if p[0] in "aoe" else "") + p for p in parts[1:])
        found = [apostrophe.capitalize(), "".join(parts).capitalize()]
        for word in list(found):
            if "lv" in word.lower() or "nv" in word.lower():
                found += [word.replace("v", "ü").replace("V", "ü"), word.replace("v", "u")]
        return list(dict.fromkeys(found))


def english_names(name, romanizer, islands=False):
    """Pinyin of the short name, alone and with the English word for its kind; on the islands the local
    spelling instead."""
    if islands and name in ISLANDS:
        yield from (
            ISLANDS[name],
            f"{ISLANDS[name]} {'District' if name[-1] == '区' else 'City' if name[-1] == '市' else 'County'}",
        )
        return
    stem = short_name(name)
    kind = next((word for mark, word in SUFFIX_ENGLISH if name.endswith(mark)), None)
    kind = {"新区": "New Area", "地区": "Prefecture"}.get(name[-2:], kind)
    if stem:
        for spelling in romanizer.spellings(stem):
            yield spelling
            if kind:
                yield f"{spelling} {kind}"
            if name[-1] in SUFFIX_PINYIN:
                yield f"{spelling} {SUFFIX_PINYIN[name[-1]]}"
        if len(stem) < 4 and romanizer.spellings(stem):
            yield " ".join(romanizer.syllables(stem)).title()
    else:
        yield from romanizer.spellings(name)
        if kind and len(name) == 2:
            yield f"{romanizer.syllables(name)[0].capitalize()} {kind}"
