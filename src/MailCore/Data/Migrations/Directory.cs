using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Webmail.MailCore.Data.Migrations;

/// <summary>Domains, accounts and addresses.</summary>
[DbContext(typeof(MailDbContext))]
[Migration("20261124081000_Directory")]
internal sealed class Directory : SqlMigration;
