using Webmail.MailCore.Settings;

namespace Webmail.MailCore.Auth.Sasl;

/// <summary>
/// Which mechanisms a client may use now. None without TLS outside the networks that the administrator named, not even those that hide the password:
/// mail read in the clear is read by others (docs/adr/0140). What isn't offered only because nobody could need it is taken all the same.
/// </summary>
public sealed class SaslOffer
{
    private readonly IAuthenticator _authenticator;
    private readonly WebmailSettings _settings;
    private readonly AppPasswordPresence _appPasswords;

    internal SaslOffer(IAuthenticator authenticator, WebmailSettings settings, AppPasswordPresence appPasswords)
    {
        _authenticator = authenticator;
        _settings = settings;
        _appPasswords = appPasswords;
    }

    /// <summary>The names to advertise, the one to prefer first.</summary>
    public IEnumerable<string> To(ClientFacts client) => PlaintextRule.Allows(_settings.Networks, client)
        ? SaslMechanisms.All.Where(m => m.Works(client) && (!m.IsScram || OffersScram)).Select(m => m.Name)
        : [];

    public SaslStart Begin(string name, ClientFacts client)
    {
        if (SaslMechanisms.Find(name) is not { } mechanism || !mechanism.Works(client) || (mechanism.IsScram && _settings.Login.Scram == ScramOffer.Never))
            return default;
        return PlaintextRule.Allows(_settings.Networks, client) ? new(mechanism.Begin(_authenticator, client), NeedsTls: false) : new(null, NeedsTls: true);
    }

    private bool OffersScram => _settings.Login.Scram switch
    {
        ScramOffer.Always => true,
        ScramOffer.Never => false,
        _ => _appPasswords.Any,
    };
}

/// <param name="Exchange">Null: refused.</param>
/// <param name="NeedsTls">There is such a mechanism, under TLS; false with no exchange: there is none.</param>
public readonly record struct SaslStart(ISaslExchange? Exchange, bool NeedsTls);
